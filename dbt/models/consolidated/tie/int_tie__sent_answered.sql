-- One row per payment that batch and answer do not show alike; matched ones are summed.
with
answers as (select * from {{ ref('stg_banks__benefit_payment_returns') }}),
last_answer as (select max({{ month_of_period('period_code') }}) as last_month from answers),
answered as ({{ one_row_per_key(ref('stg_banks__benefit_payment_returns'), 'payment_number', 'desc') }}),
left_side as (
    select
        lines.payment_number as item_key,
        lines.batch_month as tie_month,
        lines.insurance_code,
        '' as unit_number,
        lines.payment_yuan as side_yuan,
        lines.pay_on as since_on,
        lines.line_place
    from {{ ref('int_payment_batch__lines') }} as lines
    -- A batch that the bank has not answered at all is on its way.
    inner join last_answer on lines.batch_month <= last_answer.last_month
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
