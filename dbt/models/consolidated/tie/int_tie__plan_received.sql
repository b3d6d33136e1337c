-- One row per person's planned month not received as planned, and per receipt without a plan; matched ones are summed.
with
judged as (
    select
        months.*,
        case
            when left_yuan = right_yuan then 'matched'
            when not is_planned then 'right_only'
            when right_yuan < left_yuan then 'owed'
            else 'differs'
        end as outcome_code
    from {{ ref('int_tie__plan_received_months') }} as months
),
folded as (
    select
        case when outcome_code = 'matched' then '' else person_number end as person_number,
        insurance_code,
        liability_month,
        unit_number,
        outcome_code,
        cast(count(*) as integer) as item_count,
        sum(left_yuan) as left_yuan,
        sum(right_yuan) as right_yuan
    from judged
    group by
        case when outcome_code = 'matched' then '' else person_number end,
        insurance_code, liability_month, unit_number, outcome_code
),
kept as (select * from folded where outcome_code <> 'matched'),
planned_places as (
    select
        planned.person_number,
        planned.insurance_code,
        planned.liability_month,
        min({{ place('planned.batch_id', 'planned.source_line') }}) as line_place
    from {{ ref('int_levy_plan__persons') }} as planned
    inner join kept
        on planned.person_number = kept.person_number
        and planned.insurance_code = kept.insurance_code
        and planned.liability_month = kept.liability_month
    group by planned.person_number, planned.insurance_code, planned.liability_month
),
received as (
    select
        receipts.person_number,
        receipts.insurance_code,
        receipts.liability_month,
        receipts.receipt_number,
        receipts.unit_number,
        receipts.received_on,
        receipts.unit_paid_yuan + receipts.person_paid_yuan as paid_yuan,
        {{ place('receipts.batch_id', 'receipts.source_line') }} as line_place,
        kept.outcome_code
    from {{ ref('int_receipts__effective') }} as receipts
    inner join kept
        on receipts.person_number = kept.person_number
        and receipts.insurance_code = kept.insurance_code
        and receipts.liability_month = kept.liability_month
),
received_places as (
    select
        person_number,
        insurance_code,
        liability_month,
        -- The last line: with it the sum left the plan.
        substr(max({{ day_text('received_on') }} || line_place), 9) as line_place
    from received
    group by person_number, insurance_code, liability_month
),
final as (
    select
        'plan_received' as step_code,
        folded.liability_month as tie_month,
        folded.insurance_code,
        folded.unit_number,
        case
            when folded.outcome_code = 'matched' then ''
            else
                folded.person_number || '-' || folded.insurance_code || '-'
                || {{ month_text('folded.liability_month') }}
        end as item_key,
        folded.outcome_code,
        folded.item_count,
        {{ yuan('folded.left_yuan') }} as left_yuan,
        {{ yuan('folded.right_yuan') }} as right_yuan,
        case when folded.outcome_code <> 'matched' then folded.liability_month end as since_on,
        planned_places.line_place as left_place,
        received_places.line_place as right_place
    from folded
    left join planned_places
        on folded.person_number = planned_places.person_number
        and folded.insurance_code = planned_places.insurance_code
        and folded.liability_month = planned_places.liability_month
    left join received_places
        on folded.person_number = received_places.person_number
        and folded.insurance_code = received_places.insurance_code
        and folded.liability_month = received_places.liability_month
    where folded.outcome_code <> 'right_only'
    union all
    select
        'plan_received' as step_code,
        {{ first_day_of_month('received_on') }} as tie_month,
        insurance_code,
        unit_number,
        receipt_number as item_key,
        case
            when {{ first_day_of_month('received_on') }} >= {{ first_open_month() }} then 'awaiting'
            else outcome_code
        end as outcome_code,
        1 as item_count,
        {{ yuan('0') }} as left_yuan,
        {{ yuan('paid_yuan') }} as right_yuan,
        received_on as since_on,
        cast(null as varchar) as left_place,
        line_place as right_place
    from received
    where outcome_code = 'right_only' and paid_yuan <> 0
)
select * from final
