-- One row per person's planned month not received as planned, and per receipt without a plan; matched ones are summed.
with
planned as (
    select
        person_number,
        insurance_code,
        liability_month,
        min(unit_number) as unit_number,
        sum(unit_due_yuan + person_due_yuan) as side_yuan,
        min(line_place) as line_place
    from {{ ref('int_levy_plan__persons') }}
    group by person_number, insurance_code, liability_month
),
first_plan as (select min(liability_month) as first_month from planned),
-- What was due before the first plan is not in the books.
receipts as (
    select
        receipts.*,
        {{ place('receipts.batch_id', 'receipts.source_line') }} as line_place
    from {{ ref('int_receipts__effective') }} as receipts
    inner join first_plan on receipts.liability_month >= first_plan.first_month
),
left_side as (
    select
        person_number || '-' || insurance_code || '-' || {{ month_text('liability_month') }} as item_key,
        liability_month as tie_month,
        insurance_code,
        unit_number,
        side_yuan,
        liability_month as since_on,
        line_place
    from planned
),
right_side as (
    select
        receipts.person_number || '-' || receipts.insurance_code || '-'
        || {{ month_text('receipts.liability_month') }} as item_key,
        receipts.liability_month as tie_month,
        receipts.insurance_code,
        min(planned.unit_number) as unit_number,
        sum(receipts.unit_paid_yuan + receipts.person_paid_yuan) as side_yuan,
        min(receipts.received_on) as since_on,
        max(receipts.line_place) as line_place  -- with which the sum left the plan
    from receipts
    inner join planned
        on receipts.person_number = planned.person_number
        and receipts.insurance_code = planned.insurance_code
        and receipts.liability_month = planned.liability_month
    group by receipts.person_number, receipts.insurance_code, receipts.liability_month
    union all
    select
        receipts.receipt_number as item_key,
        {{ first_day_of_month('receipts.received_on') }} as tie_month,
        receipts.insurance_code,
        receipts.unit_number,
        receipts.unit_paid_yuan + receipts.person_paid_yuan as side_yuan,
        receipts.received_on as since_on,
        receipts.line_place
    from receipts
    left join planned
        on receipts.person_number = planned.person_number
        and receipts.insurance_code = planned.insurance_code
        and receipts.liability_month = planned.liability_month
    where planned.person_number is null
),
{{ tied('plan_received', "when left_key is not null and right_yuan < left_yuan then 'owed'") }}
