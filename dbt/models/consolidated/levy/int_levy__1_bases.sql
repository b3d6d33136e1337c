-- One row per person, scheme and liability month: the base declared, and that within the bounds (step 1 of 2).
{{ config(materialized='view') }}
with
contributing as (select * from {{ ref('int_participation__contributing_months') }}),
bounds as (
    select
        insurance_code,
        valid_from,
        valid_to,
        {{ apply_rate('average_monthly_wage_yuan', 'floor_share') }} as floor_yuan,
        {{ apply_rate('average_monthly_wage_yuan', 'ceiling_share') }} as ceiling_yuan,
        status
    from {{ ref('contribution_base_bounds') }}
),
final as (
    select
        contributing.person_number,
        contributing.insurance_code,
        contributing.liability_month,
        contributing.unit_number,
        contributing.contribution_base_yuan as declared_base_yuan,
        case
            when contributing.contribution_base_yuan < bounds.floor_yuan then bounds.floor_yuan
            when contributing.contribution_base_yuan > bounds.ceiling_yuan then bounds.ceiling_yuan
            else contributing.contribution_base_yuan
        end as contribution_base_yuan,
        cast(
            case
                when contributing.contribution_base_yuan is null then 'undeclared'
                when bounds.floor_yuan is null then 'wage_unknown'
                when contributing.contribution_base_yuan < bounds.floor_yuan then 'floor'
                when contributing.contribution_base_yuan > bounds.ceiling_yuan then 'ceiling'
                else 'declared'
            end as varchar
        ) as base_rule_code,
        -- Whether a bound would have moved the base cannot be known without the wage.
        cast(case when bounds.floor_yuan is null then 'assumed' else bounds.status end as varchar) as base_status,
        contributing.batch_id,
        contributing.source_line
    from contributing
    left join bounds
        on contributing.insurance_code = bounds.insurance_code
        and contributing.liability_month >= bounds.valid_from
        and contributing.liability_month < bounds.valid_to
)
select * from final
