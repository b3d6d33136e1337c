-- One row per settlement slip and person: the latest record of what is to be levied.
with
records as (
    {{ one_row_per_key(
        ref('stg_tax_bureau__levy_plan_persons'), 'settlement_slip_number, person_number', 'desc'
    ) }}
),
final as (
    select
        settlement_slip_number,
        unit_number,
        person_number,
        insurance_code,
        settlement_month,
        liability_month,
        contribution_base_yuan,
        unit_due_yuan,
        person_due_yuan,
        batch_id,
        source_line
    from records
)
select * from final
