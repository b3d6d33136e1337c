-- Funds whose statements contradict each other: income and expenditure, balance sheet, and the published statistics.
with
statistics as (select * from {{ ref('rpt_fund_statistics__fund') }}),
sheets as (select * from {{ ref('rpt_fund_accounts__balance_sheet') }}),
lines as (select * from {{ ref('rpt_fund_accounts__income_expenditure') }}),
flows as (
    select
        period_code,
        insurance_code,
        sum(case line_code when 'income' then year_to_date_yuan else 0 end) as income_yuan,
        sum(case line_code when 'expenditure' then year_to_date_yuan else 0 end) as expenditure_yuan,
        sum(case line_code when 'result' then year_to_date_yuan else 0 end) as result_yuan
    from lines
    group by period_code, insurance_code
),
final as (
    select
        statistics.period_code,
        statistics.insurance_code,
        statistics.closing_balance_yuan,
        sheets.closing_net_asset_yuan,
        flows.income_yuan,
        flows.expenditure_yuan
    from statistics
    left join sheets
        on statistics.period_code = sheets.period_code
        and statistics.insurance_code = sheets.insurance_code
    left join flows
        on statistics.period_code = flows.period_code
        and statistics.insurance_code = flows.insurance_code
    where coalesce(
        statistics.closing_balance_yuan = sheets.closing_net_asset_yuan
        and statistics.income_yuan = flows.income_yuan
        and statistics.expenditure_yuan = flows.expenditure_yuan
        and sheets.closing_net_asset_yuan - sheets.opening_net_asset_yuan = flows.result_yuan,
        false
    ) = false
)
select * from final
