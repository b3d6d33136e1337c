-- One row per slip whose total is not what its persons' lines add to; matched slips are summed.
with
left_side as (
    select
        settlement_slip_number as item_key,
        settlement_month as tie_month,
        insurance_code,
        unit_number,
        total_due_yuan as side_yuan,
        settlement_month as since_on,
        line_place
    from {{ ref('int_levy_plan__slips') }}
),
right_side as (
    select
        settlement_slip_number as item_key,
        min(settlement_month) as tie_month,
        min(insurance_code) as insurance_code,
        min(unit_number) as unit_number,
        sum(unit_due_yuan + person_due_yuan) as side_yuan,
        min(settlement_month) as since_on,
        min({{ place() }}) as line_place
    from {{ ref('int_levy_plan__persons') }}
    group by settlement_slip_number
),
{{ tied('plan_itemised') }}
