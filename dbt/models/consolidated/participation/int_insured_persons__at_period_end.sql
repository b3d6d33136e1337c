-- One row per period end, person and scheme insured in that month: contributing, paused or retired.
with
periods as (select distinct period_end_month from {{ ref('int_periods__completed') }}),
spells as (select * from {{ ref('int_participation__latest') }}),
awards as (select * from {{ ref('int_awards__latest') }}),
merged as (select * from {{ ref('int_person__2_survivors') }} where person_number <> surviving_person_number),
schemes as (select * from {{ ref('insurance_schemes') }} where has_personal_account),
covering as (
    select
        periods.period_end_month,
        spells.person_number,
        spells.insurance_code,
        case when spells.contribution_status_code = '1' then 1 else 0 end as contributing,
        case when spells.contribution_status_code = '2' then 1 else 0 end as paused,
        0 as retired
    from spells
    inner join periods on {{ covers('spells.start_month', 'spells.end_month', 'periods.period_end_month') }}
    where spells.contribution_status_code in ('1', '2')
    union all
    select
        periods.period_end_month,
        awards.person_number,
        awards.insurance_code,
        0 as contributing,
        0 as paused,
        1 as retired
    from awards
    inner join schemes on awards.insurance_code = schemes.insurance_code
    inner join periods
        on {{ covers('awards.benefit_start_month', 'awards.benefit_end_month', 'periods.period_end_month') }}
    where awards.benefit_item_code = '100011'
),
final as (
    select
        covering.period_end_month,
        coalesce(merged.surviving_person_number, covering.person_number) as person_number,
        covering.insurance_code,
        max(covering.contributing) as contributing_count,
        case when max(covering.contributing) = 0 then max(covering.paused) else 0 end as paused_count,
        max(covering.retired) as retired_count
    from covering
    left join merged on covering.person_number = merged.person_number
    group by
        covering.period_end_month,
        coalesce(merged.surviving_person_number, covering.person_number),
        covering.insurance_code
)
select * from final
