-- One row per personal account and year in which it exists: what moved, and the rate (step 3 of 5).
with
entries as (select * from {{ ref('int_account__1_bookings') }}),
openings as (select * from {{ ref('int_account_openings__latest') }}),
rates as (select * from {{ ref('int_account__2_rates') }}),
years as (select distinct insurance_code, account_year from rates),
accounts as (
    select
        person_number,
        insurance_code,
        min({{ year_of('booked_month') }}) as first_year,
        min(case when is_closing then booked_month end) as closed_month
    from (
        select person_number, insurance_code, booked_month, is_closing from entries
        union all
        select person_number, insurance_code, opened_month as booked_month, false as is_closing from openings
    ) as beginnings
    group by person_number, insurance_code
),
account_years as (
    select
        accounts.person_number,
        accounts.insurance_code,
        years.account_year,
        case when {{ year_of('accounts.closed_month') }} = years.account_year then accounts.closed_month end
            as closed_month
    from accounts
    inner join years
        on accounts.insurance_code = years.insurance_code
        and accounts.first_year <= years.account_year
        and (accounts.closed_month is null or {{ year_of('accounts.closed_month') }} >= years.account_year)
),
weighted as (
    select
        entries.person_number,
        entries.insurance_code,
        {{ year_of('entries.booked_month') }} as account_year,
        entries.entry_kind,
        entries.credit_yuan,
        entries.outflow_yuan,
        (entries.credit_yuan - case when entries.is_closing then 0 else entries.outflow_yuan end)
        * {{ interest_months(
            'coalesce(' ~ month_number('account_years.closed_month') ~ ', 12)', month_number('entries.booked_month')
        ) }} as month_product_yuan
    from entries
    inner join account_years
        on entries.person_number = account_years.person_number
        and entries.insurance_code = account_years.insurance_code
        and {{ year_of('entries.booked_month') }} = account_years.account_year
),
moved as (
    select
        person_number,
        insurance_code,
        account_year,
        sum(credit_yuan) as principal_credited_yuan,
        sum(outflow_yuan) as account_outflow_yuan,
        sum(month_product_yuan) as month_product_yuan,
        sum(case when entry_kind = 'contribution' then 1 else 0 end) as month_count
    from weighted
    group by person_number, insurance_code, account_year
),
opened as (
    select
        person_number,
        insurance_code,
        {{ year_of('opened_month') }} as account_year,
        sum(case when opening_kind_code = '1' then opening_balance_yuan else 0 end) as carried_over_yuan,
        sum(deemed_month_count) as deemed_month_count,
        sum(paid_month_count) as paid_month_count
    from openings
    group by person_number, insurance_code, {{ year_of('opened_month') }}
),
joined as (
    select
        account_years.person_number,
        account_years.insurance_code,
        account_years.account_year,
        account_years.closed_month,
        rates.is_complete or account_years.closed_month is not null as is_interest_credited,
        coalesce({{ month_number('account_years.closed_month') }}, 12) as interest_month_count,
        -- An account closed in mid-year was paid out at the rate then known: only the re-settlement knows a later one.
        case
            when account_years.closed_month is null then coalesce(rates.final_rate, rates.settled_rate)
            else rates.settled_rate
        end as bookkeeping_rate,
        case
            when account_years.closed_month is null then coalesce(rates.final_status, rates.settled_status)
            else rates.settled_status
        end as rate_status,
        rates.credit_status,
        rates.is_provisional and (account_years.closed_month is not null or rates.final_rate is null)
            as is_rate_provisional,
        case when rates.final_rate <> rates.settled_rate and rates.is_provisional then rates.settled_rate end
            as resettled_from_rate,
        rates.final_rate,
        rates.announced_month,
        case when account_years.closed_month is null then rates.equal_booking_share end as equal_booking_share,
        {{ yuan('coalesce(opened.carried_over_yuan, 0)') }} as carried_over_yuan,
        {{ yuan('coalesce(moved.principal_credited_yuan, 0)') }} as principal_credited_yuan,
        {{ yuan('coalesce(moved.account_outflow_yuan, 0)') }} as account_outflow_yuan,
        {{ yuan('coalesce(moved.month_product_yuan, 0)') }} as month_product_yuan,
        cast(coalesce(moved.month_count, 0) as integer) as month_count,
        cast(coalesce(opened.deemed_month_count, 0) as integer) as opened_deemed_month_count,
        cast(coalesce(opened.paid_month_count, 0) as integer) as opened_paid_month_count
    from account_years
    inner join rates
        on account_years.insurance_code = rates.insurance_code
        and account_years.account_year = rates.account_year
        and coalesce({{ month_number('account_years.closed_month') }}, 12) = rates.settled_month_number
    left join moved
        on account_years.person_number = moved.person_number
        and account_years.insurance_code = moved.insurance_code
        and account_years.account_year = moved.account_year
    left join opened
        on account_years.person_number = opened.person_number
        and account_years.insurance_code = opened.insurance_code
        and account_years.account_year = opened.account_year
),
final as (
    select
        person_number,
        insurance_code,
        account_year,
        closed_month,
        is_interest_credited,
        interest_month_count,
        bookkeeping_rate,
        rate_status,
        {{ weakest_status('rate_status', 'credit_status') }} as year_status,
        is_rate_provisional,
        resettled_from_rate,
        final_rate,
        announced_month,
        equal_booking_share,
        carried_over_yuan,
        principal_credited_yuan,
        account_outflow_yuan,
        month_product_yuan,
        month_count,
        cast(
            sum(month_count + opened_paid_month_count) over (
                partition by person_number, insurance_code
                order by account_year nulls last
                rows between unbounded preceding and current row
            ) as integer
        ) as cumulative_month_count,
        cast(
            sum(opened_deemed_month_count) over (
                partition by person_number, insurance_code
                order by account_year nulls last
                rows between unbounded preceding and current row
            ) as integer
        ) as deemed_month_count
    from joined
)
select * from final
