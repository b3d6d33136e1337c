-- One row per benefit paid for a month after the month of death: how much, since when it is known, where it stands.
with
persons as (select * from {{ ref('dim_person') }} where died_on is not null),
person_records as (select * from {{ ref('stg_core_system__insured_persons') }} where died_on is not null),
bank_records as (select * from {{ ref('stg_banks__benefit_payment_returns') }} where payment_status_code = '40'),
payments as (select * from {{ ref('int_payments__latest') }} where category = 'benefit'),
payable as (select * from {{ ref('benefits_payable_after_death') }}),
reported as (
    select
        persons.person_number,
        min(person_records.period_code) as period_code
    from persons
    inner join person_records on persons.person_number = person_records.person_number
    group by persons.person_number
),
-- The record by which the money left; a later one may say that it came back.
paid as (
    select
        bank_records.*,
        row_number() over (
            partition by bank_records.payment_number
            order by
                bank_records.period_code nulls last,
                bank_records.sequence_number nulls last,
                bank_records.batch_id nulls last,
                bank_records.source_line nulls last
        ) as record_rank,
        persons.died_on
    from bank_records
    inner join persons
        on bank_records.person_number = persons.person_number
        and bank_records.benefit_month > {{ first_day_of_month('persons.died_on') }}
),
final as (
    select
        paid.payment_number,
        paid.person_number,
        paid.insurance_code,
        paid.benefit_item_code,
        paid.died_on,
        paid.benefit_month,
        paid.paid_on,
        paid.payment_yuan,
        greatest({{ first_day_of_month('paid.paid_on') }}, {{ month_of_period('reported.period_code') }})
            as found_month,
        cast(case when payments.is_paid then 'outstanding' else 'returned' end as varchar) as overpayment_state_code,
        case when payments.is_paid then cast({{ as_of() }} - paid.paid_on as integer) end as outstanding_day_count,
        paid.batch_id,
        paid.source_line
    from paid
    inner join payments on paid.payment_number = payments.payment_number
    left join reported on paid.person_number = reported.person_number
    left join payable
        on paid.benefit_item_code = payable.benefit_item_code
        and paid.benefit_month >= payable.valid_from
        and paid.benefit_month < payable.valid_to
    where paid.record_rank = 1 and payable.benefit_item_code is null
)
select * from final
