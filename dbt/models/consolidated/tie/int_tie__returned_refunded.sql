-- One row per returned payment not credited alike, and per credit of nobody; matched ones are summed.
with
bank as (select * from {{ ref('int_bank_entries__claimed') }} where step_code = 'returned_refunded'),
left_side as (
    select
        payment_number as item_key,
        {{ first_day_of_month('paid_on') }} as tie_month,
        insurance_code,
        '' as unit_number,
        payment_yuan as side_yuan,
        paid_on as since_on,
        {{ place() }} as line_place
    from {{ ref('int_payments__latest') }}
    where not is_paid
),
right_side as (
    select
        item_key,
        min({{ first_day_of_month('entry_on') }}) as tie_month,
        min(insurance_code) as insurance_code,
        '' as unit_number,
        sum(side_yuan) as side_yuan,
        min(entry_on) as since_on,
        min({{ place() }}) as line_place
    from bank
    group by item_key
),
{{ tied('returned_refunded') }}
