-- One row per accepted line of the current batches of core_system/insured_persons.
with
source as ({{ current_rows('core_system', 'insured_persons') }}),
renamed as (
    select
        person_number,
        identity_number,
        person_name,
        sex_code,
        ethnic_group_code,
        born_on,
        started_work_on,
        first_insured_month,
        region_code,
        postal_address,
        postcode,
        phone_number,
        retired_on,
        died_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
