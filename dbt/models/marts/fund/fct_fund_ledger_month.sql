-- One row per scheme, month and ledger account: what it opened with, the month's debits and credits, the closing.
with
ledger as (select * from {{ ref('int_fund__3_ledger') }}),
accounts as (select * from {{ ref('fund_ledger_accounts') }}),
final as (
    select
        ledger.insurance_code,
        ledger.movement_month,
        ledger.account_code,
        accounts.account_name,
        accounts.element,
        ledger.balance_side,
        ledger.opening_yuan,
        ledger.debit_yuan,
        ledger.credit_yuan,
        ledger.closing_yuan
    from ledger
    inner join accounts on ledger.account_code = accounts.account_code
)
select * from final
