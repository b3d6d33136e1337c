-- One row per unit, person, scheme and month whose plan, as sent, is not what is due now: to be levied or refunded.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_adjustments() }}"
) }}
with
-- A month has millions of lines: both sides are grouped in one pass, and only what differs is looked up in the files.
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
        cast(null as varchar) as rule_status
    from {{ ref('int_levy_plan__persons') }} as planned
    where {{ is_compared_anew('planned') }}
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
        rule_status
    from {{ ref('int_levy__2_due') }} as due
    where
        liability_month in (select distinct plans.liability_month from {{ ref('int_levy_plan__persons') }} as plans)
        and {{ is_compared_anew('due') }}
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
        max(rule_status) as rule_status
    from lines
    group by unit_number, person_number, insurance_code, liability_month
    having
        (sum(unit_yuan) <> sum(planned_unit_yuan) or sum(person_yuan) <> sum(planned_person_yuan))
        and sum(unknown_line_count) = 0
),
placed as (
    select
        compared.*,
        coalesce(
            min({{ place('due.batch_id', 'due.source_line') }}),
            min({{ place('planned.batch_id', 'planned.source_line') }})
        ) as line_place
    from compared
    left join {{ ref('int_levy__2_due') }} as due
        on compared.unit_number = due.unit_number
        and compared.person_number = due.person_number
        and compared.insurance_code = due.insurance_code
        and compared.liability_month = due.liability_month
    left join {{ ref('int_levy_plan__persons') }} as planned
        on compared.unit_number = planned.unit_number
        and compared.person_number = planned.person_number
        and compared.insurance_code = planned.insurance_code
        and compared.liability_month = planned.liability_month
    group by
        compared.unit_number, compared.person_number, compared.insurance_code, compared.liability_month,
        compared.planned_line_count, compared.planned_base_yuan, compared.planned_unit_yuan,
        compared.planned_person_yuan, compared.base_yuan, compared.unit_yuan, compared.person_yuan, compared.rule_status
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
    from placed
)
select * from final
