-- One row per person and scheme retired since the books began: index, months and account at retirement (step 3 of 3).
with
first_month as (select min(liability_month) as liability_month from {{ ref('int_periods__liability_months') }}),
persons as (
    select
        persons.person_number,
        persons.insurance_code,
        persons.retired_month
    from {{ ref('int_pension__1_persons') }} as persons
    inner join first_month on persons.retired_month >= first_month.liability_month
),
wages as (select * from {{ ref('contribution_base_bounds') }}),
accounts as (select * from {{ ref('fct_personal_account_year') }}),
bases as (
    select
        persons.person_number,
        persons.insurance_code,
        wages.valid_from,
        max(wages.average_monthly_wage_yuan) as wage_yuan,
        sum(contributions.contribution_base_yuan) as base_yuan,
        count(*) as month_count,
        {{ weakest_status_in_group('wages.status') }} as wage_status
    from persons
    inner join {{ ref('int_contributions__settled') }} as contributions
        on persons.person_number = contributions.person_number
        and persons.insurance_code = contributions.insurance_code
        and persons.retired_month >= contributions.liability_month
        and contributions.booked_on is not null
    left join wages
        on contributions.insurance_code = wages.insurance_code
        and contributions.liability_month >= wages.valid_from
        and contributions.liability_month < wages.valid_to
    group by persons.person_number, persons.insurance_code, wages.valid_from
),
-- A range of months whose wage nobody supplied leaves the index unknown.
indexed as (
    select
        person_number,
        insurance_code,
        case
            when count(wage_yuan) = count(*)
                then {{ divide('sum(' ~ divide('base_yuan', 'wage_yuan', 8) ~ ')', 'sum(month_count)', 4) }}
        end as contribution_index,
        {{ weakest_status_in_group('wage_status') }} as index_status
    from bases
    group by person_number, insurance_code
),
booked as (
    select
        persons.person_number,
        persons.insurance_code,
        sum(bookings.credit_yuan - bookings.outflow_yuan) as booked_yuan
    from persons
    inner join {{ ref('int_account__1_bookings') }} as bookings
        on persons.person_number = bookings.person_number
        and persons.insurance_code = bookings.insurance_code
        and persons.retired_month >= bookings.booked_month
        and {{ year_of('persons.retired_month') }} = {{ year_of('bookings.booked_month') }}
    group by persons.person_number, persons.insurance_code
),
final as (
    select
        persons.person_number,
        persons.insurance_code,
        indexed.contribution_index,
        indexed.index_status,
        accounts.cumulative_month_count as paid_month_count,
        accounts.deemed_month_count,
        case
            when {{ month_number('persons.retired_month') }} = 12 and accounts.is_interest_credited
                then accounts.closing_balance_yuan
            else {{ yuan('accounts.opening_balance_yuan + coalesce(booked.booked_yuan, 0)') }}
        end as account_balance_yuan,
        accounts.rule_status as account_status
    from persons
    left join indexed
        on persons.person_number = indexed.person_number
        and persons.insurance_code = indexed.insurance_code
    left join booked
        on persons.person_number = booked.person_number
        and persons.insurance_code = booked.insurance_code
    left join accounts
        on persons.person_number = accounts.person_number
        and persons.insurance_code = accounts.insurance_code
        and {{ year_of('persons.retired_month') }} = accounts.account_year
)
select * from final
