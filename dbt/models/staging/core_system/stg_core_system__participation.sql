-- One row per accepted line of the current batches of core_system/participation.
with
source as ({{ current_rows('core_system', 'participation') }}),
renamed as (
    select
        participation_number,
        person_number,
        insurance_code,
        unit_number,
        start_month,
        end_month,
        contribution_base_yuan,
        contribution_status_code,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
