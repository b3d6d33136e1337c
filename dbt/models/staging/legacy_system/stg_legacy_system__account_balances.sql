-- One row per accepted line of the current batches of legacy_system/account_balances.
with
source as ({{ current_rows('legacy_system', 'account_balances') }}),
renamed as (
    select
        person_number,
        insurance_code,
        account_year,
        opening_balance_yuan,
        principal_credited_yuan,
        interest_credited_yuan,
        account_outflow_yuan,
        closing_balance_yuan,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
