-- One row per person: the latest record, with the prefecture its region belongs to today.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_persons() }}") }}
with
received as (select * from {{ of_changed_persons(ref('stg_core_system__insured_persons')) }} as received),
records as ({{ one_row_per_key('received', 'person_number', 'desc') }}),
prefectures as (select * from {{ ref('prefectures') }}),
final as (
    select
        records.person_number,
        records.identity_number,
        records.person_name,
        records.sex_code,
        records.ethnic_group_code,
        records.born_on,
        records.started_work_on,
        records.first_insured_month,
        records.region_code,
        prefectures.current_region_code as prefecture_code,
        records.postal_address,
        records.postcode,
        records.phone_number,
        records.retired_on,
        records.died_on,
        records.batch_id,
        records.source_line
    from records
    left join prefectures on substr(records.region_code, 1, 4) = prefectures.region_code
)
select * from final
