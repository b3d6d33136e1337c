-- One row per accepted line of the current batches of finance_bureau/subsidy_transfers.
with
source as ({{ current_rows('finance_bureau', 'subsidy_transfers') }}),
renamed as (
    select
        transfer_number,
        insurance_code,
        subsidy_level_code,
        document_number,
        entry_number,
        transferred_on,
        transfer_yuan,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
