-- One row per accepted line of the current batches of tax_bureau/unit_declarations.
with
source as ({{ current_rows('tax_bureau', 'unit_declarations') }}),
renamed as (
    select
        declaration_number,
        unit_number,
        declaration_year,
        insurance_code,
        person_count,
        person_base_yuan,
        unit_base_yuan,
        payroll_yuan,
        financial_statement_yuan,
        declared_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
