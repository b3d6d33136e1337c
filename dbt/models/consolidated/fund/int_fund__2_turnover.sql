-- One row per scheme, month and ledger account: what the month's flows debit and credit, and the transfer at its end.
{{ config(materialized='view') }}
with
flows as (select * from {{ ref('int_fund__1_flows') }}),
postings as (select * from {{ ref('fund_postings') }}),
accounts as (select * from {{ ref('fund_ledger_accounts') }}),
posted as (
    select
        flows.insurance_code,
        flows.movement_month,
        postings.debit_account_code as account_code,
        flows.flow_kind_code = 'opening_balance' as is_opening,
        flows.flow_yuan as debit_yuan,
        0 as credit_yuan
    from flows
    inner join postings on flows.flow_kind_code = postings.flow_kind_code
    union all
    select
        flows.insurance_code,
        flows.movement_month,
        postings.credit_account_code as account_code,
        flows.flow_kind_code = 'opening_balance' as is_opening,
        0 as debit_yuan,
        flows.flow_yuan as credit_yuan
    from flows
    inner join postings on flows.flow_kind_code = postings.flow_kind_code
),
summed as (
    select
        posted.insurance_code,
        posted.movement_month,
        posted.account_code,
        accounts.closes_to_account_code,
        sum(case when posted.is_opening then posted.debit_yuan - posted.credit_yuan else 0 end) as opening_debit_yuan,
        sum(case when posted.is_opening then 0 else posted.debit_yuan end) as debit_yuan,
        sum(case when posted.is_opening then 0 else posted.credit_yuan end) as credit_yuan
    from posted
    inner join accounts on posted.account_code = accounts.account_code
    group by posted.insurance_code, posted.movement_month, posted.account_code, accounts.closes_to_account_code
),
-- Income and expenditure are carried to the fund's net assets: each side of the account is carried to the other.
carried as (
    select
        insurance_code,
        movement_month,
        account_code,
        opening_debit_yuan,
        debit_yuan + case when closes_to_account_code is null then 0 else credit_yuan end as debit_yuan,
        credit_yuan + case when closes_to_account_code is null then 0 else debit_yuan end as credit_yuan
    from summed
    union all
    select
        insurance_code,
        movement_month,
        closes_to_account_code as account_code,
        0 as opening_debit_yuan,
        debit_yuan,
        credit_yuan
    from summed
    where closes_to_account_code is not null
),
final as (
    select
        insurance_code,
        movement_month,
        account_code,
        {{ yuan('sum(opening_debit_yuan)') }} as opening_debit_yuan,
        {{ yuan('sum(debit_yuan)') }} as debit_yuan,
        {{ yuan('sum(credit_yuan)') }} as credit_yuan
    from carried
    group by insurance_code, movement_month, account_code
)
select * from final
