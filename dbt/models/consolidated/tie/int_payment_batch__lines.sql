-- One row per payment that we told the bank to make: its latest record, and the reference of its debit.
with
records as ({{ one_row_per_key(ref('stg_banks__benefit_payment_batch'), 'payment_number', 'desc') }}),
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
