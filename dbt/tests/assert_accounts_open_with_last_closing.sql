-- Account years that do not open with what the year before closed with, plus what was carried over in the year.
with
account_years as (select * from {{ ref('fct_personal_account_year') }}),
movements as (select * from {{ ref('int_account__3_years') }}),
final as (
    select
        account_years.person_number,
        account_years.insurance_code,
        account_years.account_year,
        account_years.opening_balance_yuan,
        movements.carried_over_yuan,
        previous.closing_balance_yuan
    from account_years
    inner join movements
        on account_years.person_number = movements.person_number
        and account_years.insurance_code = movements.insurance_code
        and account_years.account_year = movements.account_year
    left join account_years as previous
        on account_years.person_number = previous.person_number
        and account_years.insurance_code = previous.insurance_code
        and account_years.account_year = previous.account_year + 1
    where account_years.opening_balance_yuan
        <> movements.carried_over_yuan + coalesce(previous.closing_balance_yuan, 0)
)
select * from final
