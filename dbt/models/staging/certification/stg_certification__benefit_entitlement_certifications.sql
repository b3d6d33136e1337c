-- One row per accepted line of the current batches of certification/benefit_entitlement_certifications.
with
source as ({{ current_rows('certification', 'benefit_entitlement_certifications') }}),
renamed as (
    select
        certification_number,
        person_number,
        identity_number,
        person_name,
        certified_on,
        certification_mode_code,
        certification_result_code,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
