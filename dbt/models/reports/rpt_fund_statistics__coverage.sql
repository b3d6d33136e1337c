-- One row per completed period and prefecture, total included: whom the pension schemes cover of the registered living
-- persons, and which new construction projects are insured.
with
grid as (select * from {{ ref('int_periods__grid') }} where insurance_code = '000'),
periods as (select distinct year_start_month, period_end_month from grid),
insured as (select * from {{ ref('int_insured_persons__at_period_end') }}),
pensions as (select * from {{ ref('insurance_schemes') }} where has_personal_account),
survivors as (select * from {{ ref('int_person__2_survivors') }}),
persons as (select * from {{ ref('int_persons__latest') }}),
projects as (select * from {{ ref('fct_construction_project') }}),
-- Of a person with several numbers: place of the one that is kept, the first month and the death of any.
registered as (
    select
        survivors.surviving_person_number as person_number,
        min(
            case when survivors.person_number = survivors.surviving_person_number then persons.prefecture_code end
        ) as prefecture_code,
        min(persons.first_insured_month) as first_insured_month,
        min({{ first_day_of_month('persons.died_on') }}) as died_month
    from survivors
    inner join persons on survivors.person_number = persons.person_number
    group by survivors.surviving_person_number
),
cohorts as (
    select
        prefecture_code,
        first_insured_month,
        died_month,
        count(*) as person_count
    from registered
    group by prefecture_code, first_insured_month, died_month
),
-- Who died in the last month of a period is no longer living at its end.
living as (
    select
        periods.period_end_month,
        {{ prefecture_or_total('cohorts.prefecture_code') }} as prefecture_code,
        sum(cohorts.person_count) as registered_person_count
    from cohorts
    inner join periods
        on (cohorts.first_insured_month is null or cohorts.first_insured_month <= periods.period_end_month)
        and (cohorts.died_month is null or cohorts.died_month > periods.period_end_month)
    group by periods.period_end_month, cube(cohorts.prefecture_code)
),
statuses as (
    select
        insured.period_end_month,
        insured.person_number,
        max(insured.contributing_count) as is_contributing,
        max(insured.retired_count) as is_retired
    from insured
    inner join pensions on insured.insurance_code = pensions.insurance_code
    where insured.contributing_count + insured.paused_count + insured.retired_count > 0
    group by insured.period_end_month, insured.person_number
),
covered as (
    select
        statuses.period_end_month,
        {{ prefecture_or_total('registered.prefecture_code') }} as prefecture_code,
        sum(statuses.is_retired) as retired_person_count,
        sum(case when statuses.is_retired = 0 then statuses.is_contributing else 0 end) as contributing_person_count,
        sum(case when statuses.is_retired + statuses.is_contributing = 0 then 1 else 0 end) as paused_person_count
    from statuses
    inner join registered on statuses.person_number = registered.person_number
    where
        (registered.first_insured_month is null or registered.first_insured_month <= statuses.period_end_month)
        and (registered.died_month is null or registered.died_month > statuses.period_end_month)
    group by statuses.period_end_month, cube(registered.prefecture_code)
),
-- Of the projects started since 1 January, those insured by the last day of the period.
started as (
    select
        periods.period_end_month,
        {{ prefecture_or_total('projects.prefecture_code') }} as prefecture_code,
        count(*) as new_project_count,
        sum(
            case when projects.insured_on < {{ add_months('periods.period_end_month', 1) }} then 1 else 0 end
        ) as insured_project_count
    from projects
    inner join periods
        on projects.started_on >= periods.year_start_month
        and projects.started_on < {{ add_months('periods.period_end_month', 1) }}
    group by periods.period_end_month, cube(projects.prefecture_code)
),
counted as (
    select
        grid.period_code,
        grid.period_kind,
        grid.period_end_month,
        grid.same_period_code,
        grid.prefecture_code,
        grid.prefecture_name,
        grid.sort_order,
        cast(coalesce(living.registered_person_count, 0) as integer) as registered_person_count,
        cast(coalesce(covered.contributing_person_count, 0) as integer) as contributing_person_count,
        cast(coalesce(covered.paused_person_count, 0) as integer) as paused_person_count,
        cast(coalesce(covered.retired_person_count, 0) as integer) as retired_person_count,
        cast(
            coalesce(
                covered.contributing_person_count + covered.paused_person_count + covered.retired_person_count, 0
            ) as integer
        ) as covered_person_count,
        cast(coalesce(started.new_project_count, 0) as integer) as new_project_count,
        cast(coalesce(started.insured_project_count, 0) as integer) as insured_project_count
    from grid
    left join living
        on grid.period_end_month = living.period_end_month
        and grid.prefecture_code = living.prefecture_code
    left join covered
        on grid.period_end_month = covered.period_end_month
        and grid.prefecture_code = covered.prefecture_code
    left join started
        on grid.period_end_month = started.period_end_month
        and grid.prefecture_code = started.prefecture_code
),
final as (
    select
        counted.period_code,
        counted.period_kind,
        counted.period_end_month,
        counted.prefecture_code,
        counted.prefecture_name,
        counted.sort_order,
        counted.prefecture_code = '0000' as is_total,
        counted.registered_person_count,
        counted.contributing_person_count,
        counted.paused_person_count,
        counted.retired_person_count,
        counted.covered_person_count,
        counted.registered_person_count - counted.covered_person_count as uncovered_person_count,
        {{ divide('counted.covered_person_count', 'counted.registered_person_count', 6) }} as pension_coverage_rate,
        same_period.covered_person_count as same_period_covered_person_count,
        {{ change_rate('counted.covered_person_count', 'same_period.covered_person_count') }}
            as covered_person_change_rate,
        counted.new_project_count,
        counted.insured_project_count,
        cast(
            {{ divide('counted.insured_project_count', 'counted.new_project_count', 4) }} as decimal(18, 6)
        ) as project_insurance_rate
    from counted
    left join counted as same_period
        on counted.same_period_code = same_period.period_code
        and counted.prefecture_code = same_period.prefecture_code
)
select * from final
