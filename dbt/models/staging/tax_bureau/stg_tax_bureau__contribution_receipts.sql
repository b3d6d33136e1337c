-- One row per accepted line of the current batches of tax_bureau/contribution_receipts.
with
source as ({{ current_rows('tax_bureau', 'contribution_receipts') }}),
renamed as (
    select
        receipt_number,
        unit_number,
        person_number,
        identity_number,
        person_name,
        insurance_code,
        liability_month,
        due_type_code,
        contribution_base_yuan,
        unit_paid_yuan,
        person_paid_yuan,
        received_on,
        reversed_receipt_number,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
