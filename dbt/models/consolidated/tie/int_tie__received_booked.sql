-- One row per unit, scheme and day whose receipts the treasury did not book alike; matched ones are summed.
with
booked as (
    {{ one_row_per_key(ref('stg_finance_bureau__treasury_receipts'), 'treasury_receipt_number', 'desc') }}
),
left_side as (
    select
        unit_number || '-' || insurance_code || '-' || {{ day_text('received_on') }} as item_key,
        {{ first_day_of_month('received_on') }} as tie_month,
        insurance_code,
        unit_number,
        sum(unit_paid_yuan + person_paid_yuan) as side_yuan,
        received_on as since_on,
        min({{ place() }}) as line_place
    from {{ ref('int_receipts__deduplicated') }}
    group by unit_number, insurance_code, received_on
),
right_side as (
    select
        unit_number || '-' || insurance_code || '-' || {{ day_text('collected_on') }} as item_key,
        {{ first_day_of_month('collected_on') }} as tie_month,
        insurance_code,
        unit_number,
        sum(treasury_yuan) as side_yuan,
        min(entry_on) as since_on,
        min({{ place() }}) as line_place
    from booked
    group by unit_number, insurance_code, collected_on
),
{{ tied('received_booked') }}
