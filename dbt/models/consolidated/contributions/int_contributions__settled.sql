-- One row per person, scheme and liability month due or paid, with the day it was made good (step 3 of 3).
with
due as (
    select *
    from {{ ref('int_contributions__due') }}
    where liability_month in (select months.liability_month from {{ ref('int_periods__liability_months') }} as months)
),
receipts as (select * from {{ ref('int_receipts__effective') }}),
running as (
    select
        receipts.person_number,
        receipts.insurance_code,
        receipts.liability_month,
        receipts.unit_number,
        receipts.unit_paid_yuan,
        receipts.person_paid_yuan,
        receipts.received_on,
        due.unit_due_yuan,
        due.person_due_yuan,
        sum(receipts.unit_paid_yuan) over (
            partition by receipts.person_number, receipts.insurance_code, receipts.liability_month
            order by receipts.received_on nulls last, receipts.receipt_number nulls last
            rows between unbounded preceding and current row
        ) as unit_paid_so_far_yuan,
        sum(receipts.person_paid_yuan) over (
            partition by receipts.person_number, receipts.insurance_code, receipts.liability_month
            order by receipts.received_on nulls last, receipts.receipt_number nulls last
            rows between unbounded preceding and current row
        ) as person_paid_so_far_yuan
    from receipts
    left join due
        on receipts.person_number = due.person_number
        and receipts.insurance_code = due.insurance_code
        and receipts.liability_month = due.liability_month
),
paid as (
    select
        person_number,
        insurance_code,
        liability_month,
        max(unit_number) as unit_number,
        sum(unit_paid_yuan) as unit_paid_yuan,
        sum(person_paid_yuan) as person_paid_yuan,
        count(*) as receipt_count,
        min(
            case
                when unit_paid_so_far_yuan >= unit_due_yuan and person_paid_so_far_yuan >= person_due_yuan
                    then received_on
            end
        ) as booked_on
    from running
    group by person_number, insurance_code, liability_month
),
final as (
    select
        coalesce(due.person_number, paid.person_number) as person_number,
        coalesce(due.insurance_code, paid.insurance_code) as insurance_code,
        coalesce(due.liability_month, paid.liability_month) as liability_month,
        coalesce(due.unit_number, paid.unit_number) as unit_number,
        due.contribution_base_yuan,
        due.unit_due_yuan,
        due.person_due_yuan,
        due.account_credit_yuan,
        {{ yuan('coalesce(paid.unit_paid_yuan, 0)') }} as unit_paid_yuan,
        {{ yuan('coalesce(paid.person_paid_yuan, 0)') }} as person_paid_yuan,
        cast(coalesce(paid.receipt_count, 0) as integer) as receipt_count,
        paid.booked_on,
        due.batch_id,
        due.source_line
    from due
    full join paid
        on due.person_number = paid.person_number
        and due.insurance_code = paid.insurance_code
        and due.liability_month = paid.liability_month
)
select * from final
