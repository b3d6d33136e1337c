-- One row per accepted line of the current batches of legacy_system/persons.
with
source as ({{ current_rows('legacy_system', 'persons') }}),
renamed as (
    select
        person_number,
        identity_number,
        person_name,
        sex_code,
        born_on,
        region_code,
        first_insured_month,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
