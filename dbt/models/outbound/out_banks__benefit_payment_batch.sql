-- One row per payment that a bank is to make in a month: exactly the records of the file.
with
awards as (
    select
        person_number,
        insurance_code,
        -- The two parts of a pension are paid as one.
        case when benefit_item_code in ('100011', '100021') then '100001' else benefit_item_code end
            as benefit_item_code,
        benefit_yuan,
        benefit_start_month,
        benefit_end_month,
        account_holder_name,
        bank_account_number
    from {{ ref('int_awards__latest') }}
),
persons as (select * from {{ ref('int_persons__latest') }}),
months as (select * from {{ ref('int_periods__liability_months') }}),
pay_days as (select * from {{ ref('int_periods__pay_days') }}),
in_force as (
    select
        months.liability_month as period_month,
        awards.person_number,
        awards.insurance_code,
        awards.benefit_item_code,
        months.liability_month as benefit_month,
        min(awards.account_holder_name) as account_holder_name,
        min(awards.bank_account_number) as bank_account_number,
        sum(awards.benefit_yuan) as payment_yuan,
        -- Pensions and allowances on the 12th, what is paid once on the 20th.
        case when awards.benefit_item_code in ('100001', '410011') then 12 else 20 end as earliest_day
    from awards
    inner join months
        on {{ covers('awards.benefit_start_month', 'awards.benefit_end_month', 'months.liability_month') }}
    group by months.liability_month, awards.person_number, awards.insurance_code, awards.benefit_item_code
),
-- What came back last month is sent again on the 6th, but not to the dead.
returned as (
    select
        months.liability_month as period_month,
        payments.person_number,
        payments.insurance_code,
        payments.benefit_item_code,
        payments.benefit_month,
        payments.account_holder_name,
        payments.bank_account_number,
        payments.payment_yuan,
        6 as earliest_day
    from {{ ref('int_payments__latest') }} as payments
    inner join months
        on {{ first_day_of_month('payments.paid_on') }} = {{ add_months('months.liability_month', -1) }}
    where not payments.is_paid and payments.return_reason_code <> 'MD07'
),
payments as (
    select * from in_force
    union all
    select
        period_month,
        person_number,
        insurance_code,
        benefit_item_code,
        benefit_month,
        account_holder_name,
        bank_account_number,
        payment_yuan,
        earliest_day
    from returned
),
numbered as (
    select
        payments.*,
        row_number() over (
            partition by period_month
            order by
                benefit_month nulls last,
                person_number nulls last,
                insurance_code nulls last,
                benefit_item_code nulls last,
                payment_yuan nulls last
        ) as number_in_month
    from payments
),
final as (
    select
        numbered.period_month,
        {{ month_text('numbered.period_month') }} || lpad(cast(numbered.number_in_month as varchar), 9, '0')
            as payment_number,
        numbered.person_number,
        persons.identity_number,
        numbered.account_holder_name,
        numbered.bank_account_number,
        numbered.insurance_code,
        numbered.benefit_item_code,
        numbered.benefit_month,
        {{ yuan('numbered.payment_yuan') }} as payment_yuan,
        pay_days.pay_on
    from numbered
    inner join persons on numbered.person_number = persons.person_number
    inner join pay_days
        on numbered.period_month = pay_days.batch_month and numbered.earliest_day = pay_days.earliest_day
)
select * from final
