-- One row per benefit payment: what was ordered, and whether the bank paid it.
{{ config(materialized='view') }} -- a second copy of every row is not worth its space
with
payments as (select * from {{ ref('int_payments__latest') }}),
final as (
    select
        payment_number,
        person_number,
        insurance_code,
        benefit_item_code,
        benefit_month,
        paid_on,
        payment_yuan,
        from_account_yuan,
        payment_status_code,
        return_reason_code,
        is_paid,
        account_holder_name,
        bank_account_number,
        batch_id,
        source_line
    from payments
)
select * from final
