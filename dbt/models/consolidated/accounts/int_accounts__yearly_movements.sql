-- One row per personal account and year in which it exists: what moved, and the rate (step 3 of 3).
with
entries as (select * from {{ ref('int_accounts__entries') }}),
openings as (select * from {{ ref('int_account_openings__latest') }}),
bookkeeping_rates as (select * from {{ ref('bookkeeping_rates') }}),
years as (
    {%- for year in account_years() %}
    select
        {{ year }} as account_year,
        cast('{{ year }}-12-31' as date) <= {{ as_of() }} as is_complete
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
-- A year whose rate is not published yet takes the last published one, as an assumption.
rates as (
    select
        years.account_year,
        years.is_complete,
        bookkeeping_rates.rate as bookkeeping_rate,
        case
            when bookkeeping_rates.year = years.account_year then bookkeeping_rates.status
            else 'assumed'
        end as rate_status
    from years
    inner join bookkeeping_rates
        on bookkeeping_rates.year = (
            select max(published.year) from bookkeeping_rates as published
            where published.year <= years.account_year
        )
),
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
        rates.account_year,
        case when {{ year_of('accounts.closed_month') }} = rates.account_year then accounts.closed_month end
            as closed_month,
        rates.is_complete,
        rates.bookkeeping_rate,
        rates.rate_status
    from accounts
    inner join rates
        on rates.account_year >= accounts.first_year
        and (accounts.closed_month is null or rates.account_year <= {{ year_of('accounts.closed_month') }})
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
        account_years.is_complete or account_years.closed_month is not null as is_interest_credited,
        coalesce({{ month_number('account_years.closed_month') }}, 12) as interest_month_count,
        account_years.bookkeeping_rate,
        account_years.rate_status,
        {{ yuan('coalesce(opened.carried_over_yuan, 0)') }} as carried_over_yuan,
        {{ yuan('coalesce(moved.principal_credited_yuan, 0)') }} as principal_credited_yuan,
        {{ yuan('coalesce(moved.account_outflow_yuan, 0)') }} as account_outflow_yuan,
        {{ yuan('coalesce(moved.month_product_yuan, 0)') }} as month_product_yuan,
        cast(coalesce(moved.month_count, 0) as integer) as month_count,
        cast(coalesce(opened.deemed_month_count, 0) as integer) as opened_deemed_month_count,
        cast(coalesce(opened.paid_month_count, 0) as integer) as opened_paid_month_count
    from account_years
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
