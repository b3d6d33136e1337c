-- One row per accepted line of the current batches of core_system/work_injury_floating_rates.
with
source as ({{ current_rows('core_system', 'work_injury_floating_rates') }}),
renamed as (
    select
        unit_number,
        start_month,
        floating_percent,
        document_number,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
