-- One row per amount booked into or paid out of a personal account (step 1 of 5).
{{ config(materialized='view') }} -- read by step 3; kept to trace an account to the lines of its files
with
schemes as (select * from {{ ref('insurance_schemes') }} where has_personal_account),
contributions as (select * from {{ ref('int_contributions__settled') }} where booked_on is not null),
openings as (select * from {{ ref('int_account_openings__latest') }}),
payments as (select * from {{ ref('int_payments__latest') }} where is_paid),
merged as (select * from {{ ref('int_person__2_survivors') }} where person_number <> surviving_person_number),
final as (
    select
        coalesce(merged.surviving_person_number, contributions.person_number) as person_number,
        contributions.insurance_code,
        'contribution' as entry_kind,
        {{ first_day_of_month('contributions.booked_on') }} as booked_month,
        contributions.liability_month,
        contributions.account_credit_yuan as credit_yuan,
        {{ yuan('0') }} as outflow_yuan,
        false as is_closing,
        contributions.batch_id,
        contributions.source_line
    from contributions
    inner join schemes on contributions.insurance_code = schemes.insurance_code
    left join merged on contributions.person_number = merged.person_number
    union all
    select
        person_number,
        insurance_code,
        'transfer_in' as entry_kind,
        opened_month as booked_month,
        cast(null as date) as liability_month,
        opening_balance_yuan as credit_yuan,
        {{ yuan('0') }} as outflow_yuan,
        false as is_closing,
        batch_id,
        source_line
    from openings
    where opening_kind_code = '2'
    union all
    select
        coalesce(merged.surviving_person_number, payments.person_number) as person_number,
        payments.insurance_code,
        'payment' as entry_kind,
        {{ first_day_of_month('payments.paid_on') }} as booked_month,
        cast(null as date) as liability_month,
        {{ yuan('0') }} as credit_yuan,
        payments.from_account_yuan as outflow_yuan,
        payments.closes_account as is_closing,
        payments.batch_id,
        payments.source_line
    from payments
    inner join schemes on payments.insurance_code = schemes.insurance_code
    left join merged on payments.person_number = merged.person_number
    where payments.from_account_yuan <> 0 or payments.closes_account
)
select * from final
