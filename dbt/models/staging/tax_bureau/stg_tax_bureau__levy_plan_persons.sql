-- One row per accepted line of the current batches of tax_bureau/levy_plan_persons.
with
source as ({{ current_rows('tax_bureau', 'levy_plan_persons') }}),
renamed as (
    select
        settlement_slip_number,
        unit_number,
        person_number,
        identity_number,
        person_name,
        insurance_code,
        settlement_month,
        liability_month,
        due_type_code,
        contribution_base_yuan,
        unit_due_yuan,
        person_due_yuan,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
