-- One row per unit, scheme and year: the latest declaration, beside last year's (step 1 of 4).
with
records as ({{ one_row_per_key(ref('stg_tax_bureau__unit_declarations'), 'declaration_number', 'desc') }}),
final as (
    select
        records.declaration_number,
        records.declaration_year,
        cast(cast(records.declaration_year as varchar) || '-01-01' as date) as declared_from,
        records.unit_number,
        records.insurance_code,
        records.person_count,
        records.person_base_yuan,
        records.unit_base_yuan,
        records.payroll_yuan,
        records.financial_statement_yuan,
        last_year.person_base_yuan as last_person_base_yuan,
        last_year.payroll_yuan as last_payroll_yuan,
        records.batch_id,
        records.source_line
    from records
    left join records as last_year
        on records.unit_number = last_year.unit_number
        and records.insurance_code = last_year.insurance_code
        and records.declaration_year = last_year.declaration_year + 1
)
select * from final
