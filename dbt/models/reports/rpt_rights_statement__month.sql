-- One row per personal account, completed year and liability month: the base, what was paid, what is owed.
with
accounts as (
    select * from {{ ref('fct_personal_account_year') }}
    where account_year in ({{ ended_years() | join(', ') }})
),
contributions as (select * from {{ ref('fct_contribution_month') }}),
final as (
    select
        accounts.account_year,
        accounts.person_number,
        accounts.insurance_code,
        contributions.liability_month,
        contributions.contribution_base_yuan,
        contributions.unit_paid_yuan,
        contributions.person_paid_yuan,
        contributions.arrears_yuan,
        case when contributions.booked_on is null then 'owed' else 'paid' end as month_state,
        contributions.booked_on,
        contributions.rule_status
    from accounts
    inner join contributions
        on accounts.person_number = contributions.person_number
        and accounts.insurance_code = contributions.insurance_code
        and accounts.account_year = {{ year_of('contributions.liability_month') }}
)
select * from final
