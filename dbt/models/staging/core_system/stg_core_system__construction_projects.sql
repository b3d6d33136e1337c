-- One row per accepted line of the current batches of core_system/construction_projects.
with
source as ({{ current_rows('core_system', 'construction_projects') }}),
renamed as (
    select
        project_number,
        project_name,
        unit_number,
        region_code,
        started_on,
        ended_on,
        contract_yuan,
        premium_rate_ppm,
        insured_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
