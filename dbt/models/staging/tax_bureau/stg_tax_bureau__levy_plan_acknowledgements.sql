-- One row per accepted line of the current batches of tax_bureau/levy_plan_acknowledgements.
with
source as ({{ current_rows('tax_bureau', 'levy_plan_acknowledgements') }}),
renamed as (
    select
        settlement_slip_number,
        unit_number,
        insurance_code,
        settlement_month,
        tax_status_code,
        person_count,
        total_due_yuan,
        acknowledged_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
