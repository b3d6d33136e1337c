-- One row per completed period, scheme and prefecture, totals included: who is insured in its last month.
with
grid as (select * from {{ ref('int_periods__grid') }}),
insured as (select * from {{ ref('int_insured_persons__at_period_end') }}),
persons as (select * from {{ ref('dim_person') }}),
counted as (
    select
        insured.period_end_month,
        {{ scheme_or_total('insured.insurance_code') }} as insurance_code,
        {{ prefecture_or_total('persons.prefecture_code') }} as prefecture_code,
        sum(insured.contributing_count) as contributing_person_count,
        sum(insured.paused_count) as paused_person_count,
        sum(insured.retired_count) as retired_person_count
    from insured
    inner join persons on insured.person_number = persons.person_number
    group by insured.period_end_month, cube(insured.insurance_code, persons.prefecture_code)
),
filled as (
    select
        grid.*,
        cast(coalesce(counted.contributing_person_count, 0) as integer) as contributing_person_count,
        cast(coalesce(counted.paused_person_count, 0) as integer) as paused_person_count,
        cast(coalesce(counted.retired_person_count, 0) as integer) as retired_person_count,
        cast(
            coalesce(
                counted.contributing_person_count + counted.paused_person_count + counted.retired_person_count, 0
            ) as integer
        ) as insured_person_count
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
        filled.contributing_person_count,
        filled.paused_person_count,
        filled.retired_person_count,
        filled.insured_person_count,
        same_period.insured_person_count as same_period_insured_person_count,
        {{ change_rate('filled.insured_person_count', 'same_period.insured_person_count') }}
            as insured_person_change_rate
    from filled
    left join filled as same_period
        on filled.same_period_code = same_period.period_code
        and filled.insurance_code = same_period.insurance_code
        and filled.prefecture_code = same_period.prefecture_code
)
select * from final
