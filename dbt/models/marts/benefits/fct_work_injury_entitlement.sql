-- One row per disability allowance awarded and grade of disability: what the grade grants on the person's own wage.
with
awards as (select * from {{ ref('int_awards__latest') }} where benefit_item_code = '410011'),
grades as (select * from {{ ref('work_injury_grades') }}),
wages as (
    select
        awards.award_number,
        count(*) as month_count,
        sum(contributions.contribution_base_yuan) as base_yuan
    from awards
    inner join {{ ref('int_contributions__settled') }} as contributions
        on awards.person_number = contributions.person_number
        and contributions.insurance_code = '410'
        and awards.benefit_start_month > contributions.liability_month
        and {{ add_months('awards.benefit_start_month', '-12') }} <= contributions.liability_month
        and contributions.contribution_base_yuan is not null
    group by awards.award_number
),
final as (
    select
        awards.award_number,
        awards.person_number,
        grades.grade,
        awards.benefit_start_month,
        {{ divide('wages.base_yuan', 'wages.month_count', 2) }} as own_wage_yuan,
        {{ yuan(divide('wages.base_yuan', 'wages.month_count', 2) ~ ' * grades.grant_months') }} as grant_yuan,
        {{ apply_rate(divide('wages.base_yuan', 'wages.month_count', 2), 'grades.allowance_share') }} as allowance_yuan,
        grades.is_paid_by_fund,
        awards.benefit_yuan as awarded_yuan,
        grades.status as rule_status,
        awards.batch_id,
        awards.source_line
    from awards
    inner join grades
        on awards.benefit_start_month >= grades.valid_from
        and awards.benefit_start_month < grades.valid_to
    left join wages on awards.award_number = wages.award_number
)
select * from final
