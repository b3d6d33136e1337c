-- One row per payment that a bank is to make in a month: exactly the records of the file.
with
awards as (
    select
        award_number,
        person_number,
        insurance_code,
        benefit_item_code as award_item_code,
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
months as (select * from {{ ref('int_periods__plan_months') }}),
pay_days as (select * from {{ ref('int_periods__pay_days') }}),
answers as (
    select
        person_number,
        insurance_code,
        benefit_item_code,
        benefit_month,
        paid_on,
        payment_status_code,
        return_reason_code,
        -- Not joined to itself: PostgreSQL would take a loop over all payments for every one that came back.
        min(case when is_paid then paid_on end) over (
            partition by person_number, insurance_code, benefit_item_code, benefit_month
        ) as first_paid_on
    from {{ ref('int_payments__latest') }}
),
awarded as (
    select
        months.plan_month as period_month,
        awards.*,
        row_number() over (
            partition by
                months.plan_month, awards.person_number, awards.insurance_code, awards.benefit_item_code
            order by awards.award_item_code nulls last, awards.award_number nulls last
        ) as part_rank
    from awards
    inner join months on {{ covers('awards.benefit_start_month', 'awards.benefit_end_month', 'months.plan_month') }}
),
in_force as (
    select
        period_month,
        person_number,
        insurance_code,
        benefit_item_code,
        period_month as benefit_month,
        -- Holder and account of one award: never the name of one with the number of another.
        max(case when part_rank = 1 then account_holder_name end) as account_holder_name,
        max(case when part_rank = 1 then bank_account_number end) as bank_account_number,
        sum(benefit_yuan) as payment_yuan,
        -- Pensions and allowances on the 12th, what is paid once on the 20th.
        case when benefit_item_code in ('100001', '410011') then 12 else 20 end as earliest_day
    from awarded
    group by period_month, person_number, insurance_code, benefit_item_code
),
returned as (
    select distinct
        {{ add_months(first_day_of_month('paid_on'), 1) }} as period_month,
        person_number,
        insurance_code,
        benefit_item_code,
        benefit_month
    from answers
    where
        payment_status_code = '41' and coalesce(return_reason_code, '') <> 'MD07'
        and (first_paid_on is null or first_paid_on >= {{ add_months(first_day_of_month('paid_on'), 1) }})
),
-- What came back last month is sent again on the 6th as the award says now: not to the dead, not what is no longer
-- awarded, and not what has been paid meanwhile.
sent_again as (
    select
        returned.period_month,
        in_force.person_number,
        in_force.insurance_code,
        in_force.benefit_item_code,
        in_force.benefit_month,
        in_force.account_holder_name,
        in_force.bank_account_number,
        in_force.payment_yuan,
        6 as earliest_day
    from returned
    inner join in_force
        on returned.person_number = in_force.person_number
        and returned.insurance_code = in_force.insurance_code
        and returned.benefit_item_code = in_force.benefit_item_code
        and returned.benefit_month = in_force.benefit_month
),
payments as (
    select * from in_force
    union all
    select * from sent_again
),
final as (
    select
        payments.period_month,
        -- Made of what is paid to whom, so that a payment keeps its number when the batch is made again.
        {{ month_text('payments.period_month') }} || substr(
            {{ digest(
                "payments.person_number || '-' || payments.insurance_code || '-' || payments.benefit_item_code || '-' || "
                ~ month_text('payments.benefit_month')
            ) }},
            1,
            14
        ) as payment_number,
        payments.person_number,
        persons.identity_number,
        payments.account_holder_name,
        payments.bank_account_number,
        payments.insurance_code,
        payments.benefit_item_code,
        payments.benefit_month,
        {{ yuan('payments.payment_yuan') }} as payment_yuan,
        pay_days.pay_on
    from payments
    inner join persons on payments.person_number = persons.person_number
    inner join pay_days
        on payments.period_month = pay_days.batch_month and payments.earliest_day = pay_days.earliest_day
)
select * from final
