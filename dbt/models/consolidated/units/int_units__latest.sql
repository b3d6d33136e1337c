-- One row per unit: the latest record, with the prefecture its region belongs to today.
with
records as ({{ one_row_per_key(ref('stg_core_system__insured_units'), 'unit_number', 'desc') }}),
prefectures as (select * from {{ ref('prefectures') }}),
final as (
    select
        records.unit_number,
        records.unit_name,
        records.unified_social_credit_code,
        records.unit_type_code,
        records.industry_code,
        records.region_code,
        prefectures.current_region_code as prefecture_code,
        records.agency_code,
        records.risk_class,
        records.insured_on,
        records.unit_status_code,
        records.batch_id,
        records.source_line
    from records
    left join prefectures on substr(records.region_code, 1, 4) = prefectures.region_code
)
select * from final
