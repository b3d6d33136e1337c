-- One row per payment that batch and answer do not show alike; matched ones are summed.
with
answered as ({{ one_row_per_key(ref('stg_banks__benefit_payment_returns'), 'payment_number', 'desc') }}),
left_side as (
    select
        payment_number as item_key,
        batch_month as tie_month,
        insurance_code,
        '' as unit_number,
        payment_yuan as side_yuan,
        pay_on as since_on,
        line_place
    from {{ ref('int_payment_batch__lines') }}
),
right_side as (
    select
        payment_number as item_key,
        {{ month_of_period('period_code') }} as tie_month,
        insurance_code,
        '' as unit_number,
        payment_yuan as side_yuan,
        paid_on as since_on,
        {{ place() }} as line_place
    from answered
),
{{ tied('sent_answered') }}
