-- One row per person, scheme and liability month: what is due, or will be in the month to come (step 2 of 2).
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_persons() }}") }}
{#- The same question is asked twice, of different months: naming a CTE twice would make PostgreSQL write it down.
    Whoever has an undeclared month has changed (int_person__changed), and has every month made anew. -#}
{%- set months_asked = {
    'declared': 'bases.declared_base_yuan is not null and ' ~ is_added('bases.person_number', 'bases.liability_month'),
    'before_undeclared': 'exists (select 1 from undeclared where '
        ~ 'undeclared.unit_number = bases.unit_number and undeclared.person_number = bases.person_number '
        ~ 'and undeclared.insurance_code = bases.insurance_code and undeclared.month_before = bases.liability_month) '
        ~ 'and bases.declared_base_yuan is not null'
} %}
with recursive
unit_rates as (
    select
        insurance_code,
        cast(null as integer) as risk_class,
        valid_from,
        valid_to,
        rate,
        status
    from {{ ref('contribution_rates') }}
    where payer = 'unit'
    union all
    select
        '410' as insurance_code,
        risk_class,
        valid_from,
        valid_to,
        base_rate as rate,
        status
    from {{ ref('work_injury_rate_classes') }}
),
person_rates as (select * from {{ ref('contribution_rates') }} where payer = 'person'),
undeclared as (
    select
        bases.person_number,
        bases.insurance_code,
        bases.liability_month,
        {{ add_months('bases.liability_month', -1) }} as month_before,
        bases.unit_number,
        bases.base_rule_code,
        bases.batch_id,
        bases.source_line,
        shares.share,
        shares.status
    from {{ ref('int_levy__1_bases') }} as bases
    left join {{ ref('undeclared_levy_shares') }} as shares
        on bases.insurance_code = shares.insurance_code
        and bases.liability_month >= shares.valid_from
        and bases.liability_month < shares.valid_to
    where bases.declared_base_yuan is null
),
{%- for asked, condition in months_asked.items() %}
{{ asked }} as (
    select
        bases.person_number,
        bases.insurance_code,
        bases.liability_month,
        bases.unit_number,
        bases.declared_base_yuan,
        bases.contribution_base_yuan,
        bases.base_rule_code,
        cast(
            round(
                cast(bases.contribution_base_yuan as decimal(18, 2))
                * unit_rates.rate * coalesce(factors.floating_factor, cast(1 as decimal(5, 2))), 2
            ) as decimal(18, 2)
        ) as unit_due_yuan,
        {{ apply_rate('bases.contribution_base_yuan', 'person_rates.rate') }} as person_due_yuan,
        {{ apply_rate('bases.contribution_base_yuan', 'person_rates.to_account_rate') }} as account_credit_yuan,
        {{ weakest_status('bases.base_status', 'unit_rates.status', 'person_rates.status', 'factors.factor_status') }}
            as rule_status,
        bases.batch_id,
        bases.source_line
    from {{ ref('int_levy__1_bases') }} as bases
    left join {{ ref('int_units__latest') }} as units on bases.unit_number = units.unit_number
    left join unit_rates
        on bases.insurance_code = unit_rates.insurance_code
        and bases.liability_month >= unit_rates.valid_from
        and bases.liability_month < unit_rates.valid_to
        and (unit_rates.risk_class is null or unit_rates.risk_class = units.risk_class)
    left join person_rates
        on bases.insurance_code = person_rates.insurance_code
        and bases.liability_month >= person_rates.valid_from
        and bases.liability_month < person_rates.valid_to
    left join {{ ref('int_work_injury_factors__latest') }} as factors
        on bases.insurance_code = '410'
        and bases.unit_number = factors.unit_number
        and bases.liability_month >= factors.start_month
        and (factors.next_start_month is null or bases.liability_month < factors.next_start_month)
    where {{ condition }}
),
{%- endfor %}
-- Each month without a declaration takes its share of the month before, which may itself be such a month.
estimated as (
    select
        person_number,
        insurance_code,
        liability_month,
        unit_number,
        contribution_base_yuan,
        unit_due_yuan,
        person_due_yuan,
        account_credit_yuan,
        rule_status
    from before_undeclared
    union all
    select
        undeclared.person_number,
        undeclared.insurance_code,
        undeclared.liability_month,
        undeclared.unit_number,
        {{ apply_rate('estimated.contribution_base_yuan', 'undeclared.share') }} as contribution_base_yuan,
        {{ apply_rate('estimated.unit_due_yuan', 'undeclared.share') }} as unit_due_yuan,
        {{ apply_rate('estimated.person_due_yuan', 'undeclared.share') }} as person_due_yuan,
        {{ apply_rate('estimated.account_credit_yuan', 'undeclared.share') }} as account_credit_yuan,
        {{ weakest_status('estimated.rule_status', 'undeclared.status') }} as rule_status
    from estimated
    inner join undeclared
        on estimated.unit_number = undeclared.unit_number
        and estimated.person_number = undeclared.person_number
        and estimated.insurance_code = undeclared.insurance_code
        and estimated.liability_month = undeclared.month_before
),
final as (
    select * from declared
    union all
    -- Without a month before, what is due is not known.
    select
        undeclared.person_number,
        undeclared.insurance_code,
        undeclared.liability_month,
        undeclared.unit_number,
        cast(null as decimal(18, 2)) as declared_base_yuan,
        estimated.contribution_base_yuan,
        undeclared.base_rule_code,
        estimated.unit_due_yuan,
        estimated.person_due_yuan,
        estimated.account_credit_yuan,
        estimated.rule_status,
        undeclared.batch_id,
        undeclared.source_line
    from undeclared
    left join estimated
        on undeclared.unit_number = estimated.unit_number
        and undeclared.person_number = estimated.person_number
        and undeclared.insurance_code = estimated.insurance_code
        and undeclared.liability_month = estimated.liability_month
)
select * from final
