-- One row per completed period, scheme and prefecture, with totals: who draws benefits, and what was paid this year.
with
grid as (select * from {{ ref('int_periods__grid') }}),
beneficiaries as (select * from {{ ref('int_beneficiaries__at_period_end') }}),
persons as (select * from {{ ref('dim_person') }}),
benefits as (select * from {{ ref('int_benefits__monthly') }}),
periods as (select * from {{ ref('int_periods__completed') }}),
counted as (
    select
        beneficiaries.period_end_month,
        {{ scheme_or_total('beneficiaries.insurance_code') }} as insurance_code,
        {{ prefecture_or_total('persons.prefecture_code') }} as prefecture_code,
        count(*) as beneficiary_person_count
    from beneficiaries
    inner join persons on beneficiaries.person_number = persons.person_number
    group by beneficiaries.period_end_month, cube(beneficiaries.insurance_code, persons.prefecture_code)
),
paid as (
    select
        periods.period_code,
        {{ scheme_or_total('benefits.insurance_code') }} as insurance_code,
        {{ prefecture_or_total('benefits.prefecture_code') }} as prefecture_code,
        sum(benefits.payment_count) as payment_count,
        sum(benefits.benefit_paid_yuan) as benefit_paid_yuan
    from benefits
    inner join periods
        on benefits.paid_month >= periods.year_start_month
        and benefits.paid_month <= periods.period_end_month
    group by periods.period_code, cube(benefits.insurance_code, benefits.prefecture_code)
),
filled as (
    select
        grid.*,
        cast(coalesce(counted.beneficiary_person_count, 0) as integer) as beneficiary_person_count,
        cast(coalesce(paid.payment_count, 0) as integer) as payment_count,
        {{ yuan('coalesce(paid.benefit_paid_yuan, 0)') }} as benefit_paid_yuan
    from grid
    left join counted
        on grid.period_end_month = counted.period_end_month
        and grid.insurance_code = counted.insurance_code
        and grid.prefecture_code = counted.prefecture_code
    left join paid
        on grid.period_code = paid.period_code
        and grid.insurance_code = paid.insurance_code
        and grid.prefecture_code = paid.prefecture_code
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
        filled.beneficiary_person_count,
        same_period.beneficiary_person_count as same_period_beneficiary_person_count,
        {{ change_rate('filled.beneficiary_person_count', 'same_period.beneficiary_person_count') }}
            as beneficiary_person_change_rate,
        filled.payment_count,
        filled.benefit_paid_yuan,
        same_period.benefit_paid_yuan as same_period_benefit_paid_yuan,
        {{ change_rate('filled.benefit_paid_yuan', 'same_period.benefit_paid_yuan') }} as benefit_paid_change_rate
    from filled
    left join filled as same_period
        on filled.same_period_code = same_period.period_code
        and filled.insurance_code = same_period.insurance_code
        and filled.prefecture_code = same_period.prefecture_code
)
select * from final
