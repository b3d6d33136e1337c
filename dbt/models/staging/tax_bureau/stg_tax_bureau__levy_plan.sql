-- One row per accepted line of the current batches of tax_bureau/levy_plan.
with
source as ({{ current_rows('tax_bureau', 'levy_plan') }}),
renamed as (
    select
        settlement_slip_number,
        unit_number,
        settlement_month,
        liability_month,
        insurance_code,
        due_type_code,
        person_count,
        person_base_yuan,
        unit_base_yuan,
        unit_due_yuan,
        person_due_yuan,
        total_due_yuan,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
