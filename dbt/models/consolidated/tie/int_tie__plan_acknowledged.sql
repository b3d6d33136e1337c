-- One row per slip that plan and acknowledgement do not share alike; matched slips are summed.
with
acknowledged as (
    {{ one_row_per_key(ref('stg_tax_bureau__levy_plan_acknowledgements'), 'settlement_slip_number', 'desc') }}
),
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
        settlement_month as tie_month,
        insurance_code,
        unit_number,
        total_due_yuan as side_yuan,
        acknowledged_on as since_on,
        {{ place() }} as line_place
    from acknowledged
),
{{ tied('plan_acknowledged') }}
