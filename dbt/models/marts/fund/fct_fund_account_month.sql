-- One row per scheme, month and account of the two-line cash flow: opening, what came in, what went out, closing.
with
ledger as (select * from {{ ref('int_fund__3_ledger') }}),
accounts as (select * from {{ ref('fund_ledger_accounts') }} where account_kind_code is not null),
final as (
    select
        ledger.insurance_code,
        ledger.movement_month,
        accounts.account_kind_code,
        ledger.opening_yuan,
        ledger.debit_yuan as in_yuan,
        ledger.credit_yuan as out_yuan,
        ledger.closing_yuan
    from ledger
    inner join accounts on ledger.account_code = accounts.account_code
)
select * from final
