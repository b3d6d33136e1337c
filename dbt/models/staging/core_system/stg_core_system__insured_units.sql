-- One row per accepted line of the current batches of core_system/insured_units.
with
source as ({{ current_rows('core_system', 'insured_units') }}),
renamed as (
    select
        unit_number,
        unit_name,
        unified_social_credit_code,
        unit_type_code,
        industry_code,
        region_code,
        agency_code,
        risk_class,
        insured_on,
        unit_status_code,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
