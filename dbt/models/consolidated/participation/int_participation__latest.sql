-- One row per spell of participation: the latest record (step 1 of 2).
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_persons() }}") }}
with
received as (select * from {{ of_changed_persons(ref('stg_core_system__participation')) }} as received),
records as ({{ one_row_per_key('received', 'participation_number', 'desc') }}),
final as (
    select
        participation_number,
        person_number,
        insurance_code,
        unit_number,
        start_month,
        end_month,
        contribution_base_yuan,
        contribution_status_code,
        batch_id,
        source_line
    from records
)
select * from final
