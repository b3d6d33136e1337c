-- One row per credit of a fiscal special account that no entry of ours explains, kept until somebody claims it.
with
entries as (
    select * from {{ ref('int_bank_entries__claimed') }}
    where account_kind_code = 'fiscal_special' and not is_claimed and direction_code = 'CRDT'
),
final as (
    select
        own_account_number,
        statement_entry_number,
        insurance_code,
        entry_on,
        entry_yuan,
        counterparty_name,
        entry_summary,
        cast({{ as_of() }} - entry_on as integer) as age_day_count,
        batch_id,
        source_line
    from entries
)
select * from final
