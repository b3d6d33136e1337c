-- One row per completed period, scheme and prefecture, totals included: units through which people contribute.
with
grid as (select * from {{ ref('int_periods__grid') }}),
insured as (select * from {{ ref('int_insured_units__at_period_end') }}),
units as (select * from {{ ref('dim_unit') }}),
counted as (
    select
        insured.period_end_month,
        {{ scheme_or_total('insured.insurance_code') }} as insurance_code,
        {{ prefecture_or_total('units.prefecture_code') }} as prefecture_code,
        count(*) as insured_unit_count
    from insured
    inner join units on insured.unit_number = units.unit_number
    group by insured.period_end_month, cube(insured.insurance_code, units.prefecture_code)
),
filled as (
    select
        grid.*,
        cast(coalesce(counted.insured_unit_count, 0) as integer) as insured_unit_count
    from grid
    left join counted
        on grid.period_end_month = counted.period_end_month
        and grid.insurance_code = counted.insurance_code
        and grid.prefecture_code = counted.prefecture_code
),
final as (
    select
        filled.period_code,
        filled.period_kind,
        filled.period_end_month,
        filled.insurance_code,
        filled.insurance_name,
        filled.prefecture_code,
        filled.prefecture_name,
        filled.sort_order,
        filled.is_total,
        filled.insured_unit_count,
        same_period.insured_unit_count as same_period_insured_unit_count,
        {{ change_rate('filled.insured_unit_count', 'same_period.insured_unit_count') }} as insured_unit_change_rate
    from filled
    left join filled as same_period
        on filled.same_period_code = same_period.period_code
        and filled.insurance_code = same_period.insurance_code
        and filled.prefecture_code = same_period.prefecture_code
)
select * from final
