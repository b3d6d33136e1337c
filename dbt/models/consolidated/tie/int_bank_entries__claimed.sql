-- One row per entry of a fund's bank account, with the step and the item that claim it.
with
records as (
    {{ one_row_per_key(
        ref('stg_banks__account_statements'), 'own_account_number, statement_entry_number', 'desc'
    ) }}
),
accounts as (select * from {{ ref('fund_accounts') }}),
entries as (select * from {{ ref('int_fiscal_entries__deduplicated') }} where entry_kind_code <> '00'),
returned as (select * from {{ ref('int_payments__latest') }} where not is_paid),
batches as (select distinct batch_reference, insurance_code from {{ ref('int_payment_batch__lines') }}),
matched as (
    select
        records.own_account_number,
        records.statement_entry_number,
        records.entry_on,
        records.direction_code,
        records.entry_yuan,
        records.reference_number,
        records.counterparty_name,
        records.entry_summary,
        records.batch_id,
        records.source_line,
        accounts.account_kind_code,
        accounts.insurance_code,
        entries.entry_number,
        entries.entry_kind_code,
        returned.payment_number,
        batches.batch_reference
    from records
    inner join accounts on records.own_account_number = accounts.bank_account_number
    left join entries
        on records.reference_number = entries.entry_number and accounts.insurance_code = entries.insurance_code
    left join returned
        on records.reference_number = returned.payment_number and accounts.insurance_code = returned.insurance_code
    left join batches
        on records.reference_number = batches.batch_reference and accounts.insurance_code = batches.insurance_code
),
claimed as (
    select
        matched.*,
        case
            when account_kind_code = 'fiscal_special' then 'fiscal_banked'
            when direction_code = 'DBIT' then 'sent_paid'
            when entry_kind_code = '04' then 'allotment_received'
            else 'returned_refunded'
        end as step_code,
        case
            when account_kind_code = 'fiscal_special' then entry_number
            when direction_code = 'DBIT' then batch_reference
            when entry_kind_code = '04' then entry_number
            else payment_number
        end as claimed_key
    from matched
),
final as (
    select
        own_account_number,
        statement_entry_number,
        account_kind_code,
        insurance_code,
        entry_on,
        direction_code,
        entry_yuan,
        -- Money out of a fiscal special account counts negative.
        {{ yuan("case when step_code = 'fiscal_banked' and direction_code = 'DBIT' then -1 else 1 end * entry_yuan") }}
            as side_yuan,
        counterparty_name,
        entry_summary,
        step_code,
        claimed_key is not null as is_claimed,
        coalesce(claimed_key, own_account_number || '-' || statement_entry_number) as item_key,
        batch_id,
        source_line
    from claimed
)
select * from final
