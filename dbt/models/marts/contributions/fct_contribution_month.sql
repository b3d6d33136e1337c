-- One row per person, scheme and liability month: what was due, what was paid, what is owed, when it was booked.
{{ config(materialized='view') }} -- the rows are those of the settlement; a second copy of millions is not worth it
with
settled as (select * from {{ ref('int_contributions__settled') }}),
final as (
    select
        person_number,
        insurance_code,
        liability_month,
        unit_number,
        contribution_base_yuan,
        unit_due_yuan,
        person_due_yuan,
        unit_paid_yuan,
        person_paid_yuan,
        unit_allocated_yuan,
        person_allocated_yuan,
        {{ yuan(
            'unit_due_yuan + person_due_yuan - unit_allocated_yuan - person_allocated_yuan'
        ) }} as arrears_yuan,
        account_credit_yuan,
        cast(rule_status as varchar) as rule_status,
        booked_on,
        booked_on is not null and {{ first_day_of_month('booked_on') }} > liability_month as is_late_booking,
        receipt_count
    from settled
)
select * from final
