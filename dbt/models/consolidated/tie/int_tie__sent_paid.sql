-- One row per day's payments of a scheme not debited alike, and per debit of nobody; matched ones are summed.
with
bank as (select * from {{ ref('int_bank_entries__claimed') }} where step_code = 'sent_paid'),
left_side as (
    select
        batch_reference as item_key,
        min({{ first_day_of_month('pay_on') }}) as tie_month,
        min(insurance_code) as insurance_code,
        '' as unit_number,
        sum(payment_yuan) as side_yuan,
        min(pay_on) as since_on,
        min(line_place) as line_place
    from {{ ref('int_payment_batch__lines') }}
    group by batch_reference
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
{{ tied('sent_paid') }}
