-- One row per unit, person, scheme and month whose plan, as sent, is not what is due now: to be levied or refunded.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_adjustments() }}"
) }}
with
-- A month has millions of lines: both sides are grouped in one pass, as in int_tie__plan_received.
lines as (
    select
        unit_number,
        person_number,
        insurance_code,
        liability_month,
        contribution_base_yuan as planned_base_yuan,
        unit_due_yuan as planned_unit_yuan,
        person_due_yuan as planned_person_yuan,
        1 as planned_line_count,
        cast(0 as decimal(18, 2)) as base_yuan,
        cast(0 as decimal(18, 2)) as unit_yuan,
        cast(0 as decimal(18, 2)) as person_yuan,
        0 as unknown_line_count,
        cast(null as varchar) as rule_status,
        cast(null as varchar) as due_place,
        {{ place() }} as planned_place
    from {{ ref('int_levy_plan__persons') }}
    where {{ is_compared_anew('person_number', 'liability_month') }}
    union all
    select
        unit_number,
        person_number,
        insurance_code,
        liability_month,
        cast(0 as decimal(18, 2)) as planned_base_yuan,
        cast(0 as decimal(18, 2)) as planned_unit_yuan,
        cast(0 as decimal(18, 2)) as planned_person_yuan,
        0 as planned_line_count,
        contribution_base_yuan as base_yuan,
        unit_due_yuan as unit_yuan,
        person_due_yuan as person_yuan,
        case when unit_due_yuan is null then 1 else 0 end as unknown_line_count,
        rule_status,
        {{ place() }} as due_place,
        cast(null as varchar) as planned_place
    from {{ ref('int_levy__2_due') }}
    where
        liability_month in (select distinct plans.liability_month from {{ ref('int_levy_plan__persons') }} as plans)
        and {{ is_compared_anew('person_number', 'liability_month') }}
),
compared as (
    select
        unit_number,
        person_number,
        insurance_code,
        liability_month,
        sum(planned_line_count) as planned_line_count,
        sum(planned_base_yuan) as planned_base_yuan,
        sum(planned_unit_yuan) as planned_unit_yuan,
        sum(planned_person_yuan) as planned_person_yuan,
        sum(base_yuan) as base_yuan,
        sum(unit_yuan) as unit_yuan,
        sum(person_yuan) as person_yuan,
        max(rule_status) as rule_status,
        coalesce(min(due_place), min(planned_place)) as line_place
    from lines
    group by unit_number, person_number, insurance_code, liability_month
    having
        (sum(unit_yuan) <> sum(planned_unit_yuan) or sum(person_yuan) <> sum(planned_person_yuan))
        and sum(unknown_line_count) = 0
),
final as (
    select
        unit_number,
        person_number,
        insurance_code,
        liability_month,
        cast(
            case
                when unit_yuan + person_yuan < planned_unit_yuan + planned_person_yuan then '20'
                when planned_line_count = 0 then '31'
                when base_yuan <> planned_base_yuan then '34'
                else '35'
            end as varchar
        ) as due_type_code,
        {{ yuan('planned_base_yuan') }} as planned_base_yuan,
        {{ yuan('base_yuan') }} as contribution_base_yuan,
        {{ yuan('unit_yuan - planned_unit_yuan') }} as unit_adjustment_yuan,
        {{ yuan('person_yuan - planned_person_yuan') }} as person_adjustment_yuan,
        {{ yuan('unit_yuan + person_yuan - planned_unit_yuan - planned_person_yuan') }} as adjustment_yuan,
        rule_status,
        cast(substr(line_place, 1, 20) as varchar) as batch_id,
        cast(substr(line_place, 22, 10) as bigint) as source_line
    from compared
)
select * from final
