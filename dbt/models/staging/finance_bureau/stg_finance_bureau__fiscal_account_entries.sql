-- One row per accepted line of the current batches of finance_bureau/fiscal_account_entries.
with
source as ({{ current_rows('finance_bureau', 'fiscal_account_entries') }}),
renamed as (
    select
        entry_number,
        insurance_code,
        entry_on,
        entry_kind_code,
        entry_yuan,
        entry_summary,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
