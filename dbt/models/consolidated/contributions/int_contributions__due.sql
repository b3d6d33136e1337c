-- One row per person, scheme and liability month: what is due, or will be in the month to come (step 1 of 3).
with
contributing as (select * from {{ ref('int_participation__contributing_months') }}),
units as (select * from {{ ref('int_units__latest') }}),
contribution_rates as (select * from {{ ref('contribution_rates') }}),
risk_classes as (select * from {{ ref('work_injury_rate_classes') }}),
unit_rates as (
    select
        insurance_code,
        cast(null as integer) as risk_class,
        valid_from,
        valid_to,
        rate
    from contribution_rates
    where payer = 'unit'
    union all
    select
        '410' as insurance_code,
        risk_class,
        valid_from,
        valid_to,
        base_rate as rate
    from risk_classes
),
person_rates as (select * from contribution_rates where payer = 'person'),
final as (
    select
        contributing.person_number,
        contributing.insurance_code,
        contributing.liability_month,
        contributing.unit_number,
        contributing.contribution_base_yuan,
        {{ apply_rate('contributing.contribution_base_yuan', 'unit_rates.rate') }} as unit_due_yuan,
        {{ apply_rate('contributing.contribution_base_yuan', 'person_rates.rate') }} as person_due_yuan,
        {{ apply_rate('contributing.contribution_base_yuan', 'person_rates.to_account_rate') }}
            as account_credit_yuan,
        contributing.batch_id,
        contributing.source_line
    from contributing
    left join units on contributing.unit_number = units.unit_number
    left join unit_rates
        on contributing.insurance_code = unit_rates.insurance_code
        and contributing.liability_month >= unit_rates.valid_from
        and contributing.liability_month < unit_rates.valid_to
        and (unit_rates.risk_class is null or unit_rates.risk_class = units.risk_class)
    left join person_rates
        on contributing.insurance_code = person_rates.insurance_code
        and contributing.liability_month >= person_rates.valid_from
        and contributing.liability_month < person_rates.valid_to
)
select * from final
