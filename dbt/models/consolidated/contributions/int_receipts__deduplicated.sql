-- One row per receipt: a receipt sent again in a later file counts once, as first received (step 2 of 3).
with
records as ({{ one_row_per_key(ref('stg_tax_bureau__contribution_receipts'), 'receipt_number', 'asc') }}),
final as (
    select
        receipt_number,
        unit_number,
        person_number,
        insurance_code,
        liability_month,
        due_type_code,
        contribution_base_yuan,
        unit_paid_yuan,
        person_paid_yuan,
        received_on,
        reversed_receipt_number,
        batch_id,
        source_line
    from records
)
select * from final
