-- One row per payment that we told the bank to make: its latest record, and the reference of its debit.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replace_records(ref('stg_banks__benefit_payment_batch'), 'payment_number') }}"
) }}
-- depends_on: {{ source('landing', 'new_batches') }}
with
lines as (
    select * from {{ ref('stg_banks__benefit_payment_batch') }}
    {%- if is_increment() %}
    where batch_id in {{ new_batches() }}
    {%- endif %}
),
records as ({{ one_row_per_key('lines', 'payment_number', 'desc') }}),
final as (
    select
        payment_number,
        person_number,
        insurance_code,
        benefit_item_code,
        benefit_month,
        payment_yuan,
        pay_on,
        {{ month_of_period('period_code') }} as batch_month,
        'YHBP-' || substr(period_code, 1, 6) || '-' || insurance_code || '-' || {{ day_text('pay_on') }}
            as batch_reference,
        {{ place() }} as line_place
    from records
)
select * from final
