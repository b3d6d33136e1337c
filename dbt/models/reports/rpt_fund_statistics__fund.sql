-- One row per completed period and scheme, total included: what the fund took in, spent and holds since 1 January.
with
grid as (select * from {{ ref('int_periods__grid') }} where prefecture_code = '0000'),
periods as (select * from {{ ref('int_periods__completed') }}),
movement_types as (select * from {{ ref('fund_movement_types') }}),
movements as (
    select
        insurance_code,
        movement_month,
        movement_type_code,
        movement_yuan
    from {{ ref('fct_fund_movement') }}
    union all
    select
        insurance_code,
        movement_month,
        'arrears_income' as movement_type_code,
        arrears_income_yuan as movement_yuan
    from {{ ref('int_fund__arrears_monthly') }}
),
signed as (
    select
        periods.period_code,
        movements.insurance_code,
        movements.movement_type_code,
        movements.movement_yuan,
        movements.movement_month >= periods.year_start_month as is_this_year,
        movement_types.direction
    from movements
    inner join periods on movements.movement_month <= periods.period_end_month
    left join movement_types on movements.movement_type_code = movement_types.movement_type_code
),
summed as (
    select
        period_code,
        {{ scheme_or_total() }} as insurance_code,
        sum(
            case
                when direction = 'opening' then movement_yuan
                when is_this_year then 0
                when direction = 'income' then movement_yuan
                when direction = 'expenditure' then -movement_yuan
                else 0
            end
        ) as opening_balance_yuan,
        {%- for movement_type_code in [
            'contribution_income', 'arrears_income', 'subsidy_income', 'interest_income', 'transfer_income',
            'benefit_expenditure', 'transfer_expenditure'
        ] %}
        sum(
            case when is_this_year and movement_type_code = '{{ movement_type_code }}' then movement_yuan else 0 end
        ) as {{ movement_type_code }}_yuan,
        {%- endfor %}
        sum(case when is_this_year and direction = 'income' then movement_yuan else 0 end) as income_yuan,
        sum(case when is_this_year and direction = 'expenditure' then movement_yuan else 0 end) as expenditure_yuan
    from signed
    group by period_code, cube(insurance_code)
),
filled as (
    select
        grid.period_code,
        grid.period_kind,
        grid.period_end_month,
        grid.same_period_code,
        grid.insurance_code,
        grid.insurance_name,
        cast(row_number() over (partition by grid.period_code order by grid.sort_order nulls last) as integer)
            as sort_order,
        grid.insurance_code = '000' as is_total,
        {{ yuan('coalesce(summed.opening_balance_yuan, 0)') }} as opening_balance_yuan,
        {{ yuan('coalesce(summed.contribution_income_yuan, 0)') }} as contribution_income_yuan,
        {{ yuan('coalesce(summed.arrears_income_yuan, 0)') }} as arrears_income_yuan,
        {{ yuan('coalesce(summed.subsidy_income_yuan, 0)') }} as subsidy_income_yuan,
        {{ yuan('coalesce(summed.interest_income_yuan, 0)') }} as interest_income_yuan,
        {{ yuan('coalesce(summed.transfer_income_yuan, 0)') }} as transfer_income_yuan,
        {{ yuan('coalesce(summed.income_yuan, 0)') }} as income_yuan,
        {{ yuan('coalesce(summed.benefit_expenditure_yuan, 0)') }} as benefit_expenditure_yuan,
        {{ yuan('coalesce(summed.transfer_expenditure_yuan, 0)') }} as transfer_expenditure_yuan,
        {{ yuan('coalesce(summed.expenditure_yuan, 0)') }} as expenditure_yuan,
        {{ yuan(
            'coalesce(summed.opening_balance_yuan + summed.income_yuan - summed.expenditure_yuan, 0)'
        ) }} as closing_balance_yuan
    from grid
    left join summed
        on grid.period_code = summed.period_code
        and grid.insurance_code = summed.insurance_code
),
final as (
    select
        filled.period_code,
        filled.period_kind,
        filled.period_end_month,
        filled.insurance_code,
        filled.insurance_name,
        filled.sort_order,
        filled.is_total,
        filled.opening_balance_yuan,
        filled.contribution_income_yuan,
        filled.arrears_income_yuan,
        filled.subsidy_income_yuan,
        filled.interest_income_yuan,
        filled.transfer_income_yuan,
        filled.income_yuan,
        filled.benefit_expenditure_yuan,
        filled.transfer_expenditure_yuan,
        filled.expenditure_yuan,
        filled.closing_balance_yuan,
        same_period.income_yuan as same_period_income_yuan,
        {{ change_rate('filled.income_yuan', 'same_period.income_yuan') }} as income_change_rate,
        same_period.expenditure_yuan as same_period_expenditure_yuan,
        {{ change_rate('filled.expenditure_yuan', 'same_period.expenditure_yuan') }} as expenditure_change_rate,
        same_period.closing_balance_yuan as same_period_closing_balance_yuan,
        {{ change_rate('filled.closing_balance_yuan', 'same_period.closing_balance_yuan') }}
            as closing_balance_change_rate
    from filled
    left join filled as same_period
        on filled.same_period_code = same_period.period_code
        and filled.insurance_code = same_period.insurance_code
)
select * from final
