-- One row per person, scheme and liability month planned or received: what either side says of it.
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_tied() }}") }}
-- depends_on: {{ ref('int_tie__renewed') }}
with
-- What was due before the first plan is not in the books.
first_plan as (select min(liability_month) as first_month from {{ ref('int_levy_plan__persons') }}),
-- A month has millions of lines: both sides are grouped in one pass, without keys made of text, and each table is named
-- where it is read, since PostgreSQL writes down whatever a CTE holds that is read twice.
lines as (
    select
        person_number,
        insurance_code,
        liability_month,
        unit_number as planned_unit,
        cast(null as varchar) as paying_unit,
        unit_due_yuan + person_due_yuan as left_yuan,
        cast(0 as decimal(18, 2)) as right_yuan
    from {{ ref('int_levy_plan__persons') }} as planned
    where {{ is_tied_anew('planned') }}
    union all
    select
        receipts.person_number,
        receipts.insurance_code,
        receipts.liability_month,
        cast(null as varchar) as planned_unit,
        receipts.unit_number as paying_unit,
        cast(0 as decimal(18, 2)) as left_yuan,
        receipts.unit_paid_yuan + receipts.person_paid_yuan as right_yuan
    from {{ ref('int_receipts__effective') }} as receipts
    inner join first_plan on receipts.liability_month >= first_plan.first_month
    where {{ is_tied_anew('receipts') }}
),
final as (
    select
        person_number,
        insurance_code,
        liability_month,
        min(planned_unit) is not null as is_planned,
        coalesce(min(planned_unit), min(paying_unit)) as unit_number,
        {{ yuan('sum(left_yuan)') }} as left_yuan,
        {{ yuan('sum(right_yuan)') }} as right_yuan
    from lines
    group by person_number, insurance_code, liability_month
)
select * from final
