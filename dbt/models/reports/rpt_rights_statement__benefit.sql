-- One row per personal account, completed year and benefit item: what the banks paid the person in the year.
with
accounts as (
    select * from {{ ref('fct_personal_account_year') }}
    where account_year in ({{ ended_years() | join(', ') }})
),
payments as (select * from {{ ref('fct_benefit_payment') }} where is_paid),
benefit_items as (select * from {{ ref('benefit_items') }} where category = 'benefit'),
final as (
    select
        accounts.account_year,
        accounts.person_number,
        accounts.insurance_code,
        payments.benefit_item_code,
        benefit_items.benefit_item_name,
        cast(count(*) as integer) as payment_count,
        {{ yuan('sum(payments.payment_yuan)') }} as benefit_paid_yuan
    from accounts
    inner join payments
        on accounts.person_number = payments.person_number
        and accounts.insurance_code = payments.insurance_code
        and accounts.account_year = {{ year_of('payments.paid_on') }}
    inner join benefit_items on payments.benefit_item_code = benefit_items.benefit_item_code
    group by
        accounts.account_year,
        accounts.person_number,
        accounts.insurance_code,
        payments.benefit_item_code,
        benefit_items.benefit_item_name
)
select * from final
