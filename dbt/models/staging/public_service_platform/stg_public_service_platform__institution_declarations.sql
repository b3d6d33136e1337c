-- One row per accepted line of the current batches of public_service_platform/institution_declarations.
with
source as ({{ current_rows('public_service_platform', 'institution_declarations') }}),
renamed as (
    select
        declaration_number,
        unit_number,
        person_number,
        identity_number,
        person_name,
        started_work_on,
        contribution_base_yuan,
        declared_on,
        review_state_code,
        reviewed_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
