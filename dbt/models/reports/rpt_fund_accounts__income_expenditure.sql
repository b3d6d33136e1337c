-- One row per completed period, scheme (total included) and line of the statement: the period's amount, the year's.
with
grid as (select * from {{ ref('int_periods__grid') }} where prefecture_code = '0000'),
periods as (
    select
        completed.*,
        case completed.period_kind
            when 'quarter' then {{ add_months('completed.period_end_month', '-2') }} else completed.year_start_month
        end as period_start_month
    from {{ ref('int_periods__completed') }} as completed
),
ledger as (select * from {{ ref('fct_fund_ledger_month') }} where element in ('income', 'expenditure')),
accounts as (select * from {{ ref('fund_ledger_accounts') }} where element in ('income', 'expenditure')),
-- An account stands in its own line, in that of the account above it, in its element's total and in the balance.
lines as (
    select
        account_code,
        account_code as line_code,
        1 as sign
    from accounts
    union all
    select
        account_code,
        parent_account_code as line_code,
        1 as sign
    from accounts
    where parent_account_code is not null
    union all
    select
        account_code,
        element as line_code,
        1 as sign
    from accounts
    union all
    select
        account_code,
        'result' as line_code,
        case element when 'income' then 1 else -1 end as sign
    from accounts
),
named as (
    select
        account_code as line_code,
        account_name as line_name,
        account_code as line_order
    from accounts
    union all
    select
        'income' as line_code,
        '收入合计' as line_name,
        '4999' as line_order
    union all
    select
        'expenditure' as line_code,
        '支出合计' as line_name,
        '5999' as line_order
    union all
    select
        'result' as line_code,
        '本期结余' as line_name,
        '6000' as line_order
),
summed as (
    select
        periods.period_code,
        {{ scheme_or_total('ledger.insurance_code') }} as insurance_code,
        lines.line_code,
        sum(
            case
                when ledger.movement_month < periods.period_start_month then 0
                when ledger.element = 'income' then lines.sign * ledger.credit_yuan
                else lines.sign * ledger.debit_yuan
            end
        ) as period_yuan,
        sum(lines.sign * case ledger.element when 'income' then ledger.credit_yuan else ledger.debit_yuan end)
            as year_to_date_yuan
    from ledger
    inner join periods
        on ledger.movement_month >= periods.year_start_month
        and ledger.movement_month <= periods.period_end_month
    inner join lines on ledger.account_code = lines.account_code
    group by periods.period_code, lines.line_code, cube(ledger.insurance_code)
),
filled as (
    select
        grid.period_code,
        grid.period_kind,
        grid.period_end_month,
        grid.same_period_code,
        grid.insurance_code,
        grid.insurance_name,
        named.line_code,
        named.line_name,
        cast(
            row_number() over (
                partition by grid.period_code order by named.line_order nulls last, grid.sort_order nulls last
            ) as integer
        ) as sort_order,
        grid.insurance_code = '000' as is_total,
        {{ yuan('coalesce(summed.period_yuan, 0)') }} as period_yuan,
        {{ yuan('coalesce(summed.year_to_date_yuan, 0)') }} as year_to_date_yuan
    from grid
    cross join named
    left join summed
        on grid.period_code = summed.period_code
        and grid.insurance_code = summed.insurance_code
        and named.line_code = summed.line_code
),
final as (
    select
        filled.period_code,
        filled.period_kind,
        filled.period_end_month,
        filled.insurance_code,
        filled.insurance_name,
        filled.line_code,
        filled.line_name,
        filled.sort_order,
        filled.is_total,
        filled.period_yuan,
        filled.year_to_date_yuan,
        same_period.year_to_date_yuan as same_period_year_to_date_yuan,
        {{ change_rate('filled.year_to_date_yuan', 'same_period.year_to_date_yuan') }} as year_to_date_change_rate
    from filled
    left join filled as same_period
        on filled.same_period_code = same_period.period_code
        and filled.insurance_code = same_period.insurance_code
        and filled.line_code = same_period.line_code
)
select * from final
