-- One row per settlement slip of the levy plan: its latest record.
with
records as ({{ one_row_per_key(ref('stg_tax_bureau__levy_plan'), 'settlement_slip_number', 'desc') }}),
final as (
    select
        settlement_slip_number,
        unit_number,
        settlement_month,
        insurance_code,
        due_type_code,
        person_count,
        total_due_yuan,
        {{ place() }} as line_place
    from records
)
select * from final
