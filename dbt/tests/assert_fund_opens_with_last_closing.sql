-- Schemes and years whose fund does not open with what it held when the year before closed.
with
years as (select * from {{ ref('rpt_fund_statistics__fund') }} where period_kind = 'year'),
periods as (select * from {{ ref('rpt_fund_statistics__fund') }}),
final as (
    select
        periods.period_code,
        periods.insurance_code,
        periods.opening_balance_yuan,
        years.closing_balance_yuan
    from periods
    inner join years
        on periods.insurance_code = years.insurance_code
        and {{ year_of('periods.period_end_month') }} = {{ year_of('years.period_end_month') }} + 1
    where periods.opening_balance_yuan <> years.closing_balance_yuan
)
select * from final
