-- One row per accepted line of the current batches of banks/account_statements.
with
source as ({{ current_rows('banks', 'account_statements') }}),
renamed as (
    select
        own_account_number,
        statement_entry_number,
        entry_on,
        direction_code,
        entry_yuan,
        reference_number,
        counterparty_name,
        entry_summary,
        warning_codes,
        period_code,
        sequence_number,
        profile_name,
        batch_id,
        source_line
    from source
)
select * from renamed
