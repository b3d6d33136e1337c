-- One row per accepted line of the current batches of finance_bureau/treasury_receipts.
with
source as ({{ current_rows('finance_bureau', 'treasury_receipts') }}),
renamed as (
    select
        treasury_receipt_number,
        unit_number,
        insurance_code,
        collected_on,
        entry_on,
        treasury_yuan,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
