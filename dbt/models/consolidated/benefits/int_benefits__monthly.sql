-- One row per month, scheme and prefecture: benefits that the banks paid.
with
payments as (select * from {{ ref('int_payments__latest') }}),
persons as (select * from {{ ref('int_persons__latest') }}),
final as (
    select
        {{ first_day_of_month('payments.paid_on') }} as paid_month,
        payments.insurance_code,
        persons.prefecture_code,
        cast(count(*) as integer) as payment_count,
        {{ yuan('sum(payments.payment_yuan)') }} as benefit_paid_yuan
    from payments
    inner join persons on payments.person_number = persons.person_number
    where payments.is_paid and payments.category = 'benefit'
    group by {{ first_day_of_month('payments.paid_on') }}, payments.insurance_code, persons.prefecture_code
)
select * from final
