-- One row per maternity allowance awarded and occasion of leave: what its days bring on the unit's average wage.
with
awards as (select * from {{ ref('int_awards__latest') }} where benefit_item_code = '510011'),
days as (select * from {{ ref('maternity_leave_days') }}),
units as (
    select
        awards.award_number,
        awards.benefit_start_month,
        max(spells.unit_number) as unit_number
    from awards
    inner join {{ ref('int_participation__latest') }} as spells
        on awards.person_number = spells.person_number
        and spells.insurance_code = '510'
        and {{ covers('spells.start_month', 'spells.end_month', 'awards.benefit_start_month') }}
    group by awards.award_number, awards.benefit_start_month
),
-- The unit's average wage of the calendar year before: of its bases, one for each person and month.
wages as (
    select
        units.award_number,
        count(*) as month_count,
        sum(contributions.contribution_base_yuan) as base_yuan
    from units
    inner join {{ ref('int_contributions__settled') }} as contributions
        on units.unit_number = contributions.unit_number
        and contributions.insurance_code = '510'
        and {{ year_of('units.benefit_start_month') }} - 1 = {{ year_of('contributions.liability_month') }}
        and contributions.contribution_base_yuan is not null
    group by units.award_number
),
final as (
    select
        awards.award_number,
        awards.person_number,
        days.occasion_code,
        awards.benefit_start_month,
        units.unit_number,
        {{ divide('wages.base_yuan', 'wages.month_count', 2) }} as unit_wage_yuan,
        days.day_count,
        {{ divide(divide('wages.base_yuan', 'wages.month_count', 2) ~ ' * days.day_count', 'days.month_days', 2) }}
            as allowance_yuan,
        awards.benefit_yuan as awarded_yuan,
        days.status as rule_status,
        awards.batch_id,
        awards.source_line
    from awards
    inner join days
        on awards.benefit_start_month >= days.valid_from
        and awards.benefit_start_month < days.valid_to
    left join units on awards.award_number = units.award_number
    left join wages on awards.award_number = wages.award_number
)
select * from final
