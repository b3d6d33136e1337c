-- One row per benefit payment: the bank's latest word on it.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replace_records(ref('stg_banks__benefit_payment_returns'), 'payment_number') }}"
) }}
-- depends_on: {{ source('landing', 'new_batches') }}
with
lines as (
    select * from {{ ref('stg_banks__benefit_payment_returns') }}
    {%- if is_increment() %}
    where batch_id in {{ new_batches() }}
    {%- endif %}
),
records as ({{ one_row_per_key('lines', 'payment_number', 'desc') }}),
benefit_items as (select * from {{ ref('benefit_items') }}),
final as (
    select
        records.payment_number,
        records.person_number,
        records.insurance_code,
        records.benefit_item_code,
        benefit_items.category,
        benefit_items.closes_account,
        records.benefit_month,
        records.paid_on,
        records.payment_yuan,
        records.from_account_yuan,
        records.payment_status_code,
        records.return_reason_code,
        records.payment_status_code = '40' as is_paid,
        records.account_holder_name,
        records.bank_account_number,
        records.batch_id,
        records.source_line
    from records
    left join benefit_items on records.benefit_item_code = benefit_items.benefit_item_code
)
select * from final
