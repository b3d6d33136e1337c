-- One row per benefit award: the latest record.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_persons() }}") }}
with
received as (select * from {{ of_changed_persons(ref('stg_core_system__benefit_awards')) }} as received),
records as ({{ one_row_per_key('received', 'award_number', 'desc') }}),
benefit_items as (select * from {{ ref('benefit_items') }}),
final as (
    select
        records.award_number,
        records.person_number,
        records.insurance_code,
        records.benefit_item_code,
        benefit_items.category,
        records.benefit_yuan,
        records.benefit_start_month,
        records.benefit_end_month,
        records.account_holder_name,
        records.bank_account_number,
        records.batch_id,
        records.source_line
    from records
    left join benefit_items on records.benefit_item_code = benefit_items.benefit_item_code
)
select * from final
