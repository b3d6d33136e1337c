-- One row per scheme, account year and month of settlement: the rate then known, and the year's own (step 2 of 5).
with
schemes as (select * from {{ ref('insurance_schemes') }} where has_personal_account),
bookkeeping_rates as (select * from {{ ref('bookkeeping_rates') }}),
contribution_rates as (select * from {{ ref('contribution_rates') }} where payer = 'person'),
interest_methods as (select * from {{ ref('interest_methods') }}),
years as (
    {%- for year in account_years() %}
    select
        {{ year }} as account_year,
        cast('{{ year }}-12-31' as date) <= {{ as_of() }} as is_complete
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
months as (
    {%- for number in range(1, 13) %}
    select
        {{ number }} as settled_month_number,
        '-{{ '%02d' % number }}-01' as month_and_day
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
settlements as (
    select
        schemes.insurance_code,
        years.account_year,
        years.is_complete,
        months.settled_month_number,
        {{ add_months('cast(cast(years.account_year as varchar) || months.month_and_day as date)', '1') }}
            as settled_before
    from schemes
    cross join years
    cross join months
),
rates as (
    select
        bookkeeping_rates.insurance_code,
        {{ year_of('bookkeeping_rates.valid_from') }} as account_year,
        bookkeeping_rates.rate,
        bookkeeping_rates.method_code,
        interest_methods.equal_booking_share,
        bookkeeping_rates.status,
        bookkeeping_rates.document,
        coalesce(
            bookkeeping_rates.announced_on,
            cast(cast({{ year_of('bookkeeping_rates.valid_from') }} as varchar) || '-12-31' as date)
        ) as known_on
    from bookkeeping_rates
    left join interest_methods on bookkeeping_rates.method_code = interest_methods.method_code
),
credits as (
    select
        settlements.insurance_code,
        settlements.account_year,
        {{ weakest_status_in_group('contribution_rates.status') }} as credit_status
    from settlements
    inner join contribution_rates
        on settlements.insurance_code = contribution_rates.insurance_code
        and settlements.settled_before > contribution_rates.valid_from
        and settlements.account_year <= {{ year_of('contribution_rates.valid_to') }}
    group by settlements.insurance_code, settlements.account_year
),
known as (
    select
        settlements.insurance_code,
        settlements.account_year,
        settlements.settled_month_number,
        max(rates.account_year) as known_year
    from settlements
    inner join rates
        on settlements.insurance_code = rates.insurance_code
        and settlements.account_year >= rates.account_year
        and settlements.settled_before > rates.known_on
    group by settlements.insurance_code, settlements.account_year, settlements.settled_month_number
),
final as (
    select
        settlements.insurance_code,
        settlements.account_year,
        settlements.settled_month_number,
        settlements.is_complete,
        coalesce(own.method_code, last_known.method_code) as method_code,
        coalesce(own.equal_booking_share, last_known.equal_booking_share) as equal_booking_share,
        known.known_year is null or known.known_year < settlements.account_year as is_provisional,
        coalesce(last_known.rate, own.rate) as settled_rate,
        case
            when known.known_year = settlements.account_year then own.status else 'assumed'
        end as settled_status,
        coalesce(last_known.document, own.document) as settled_document,
        case when own.known_on <= {{ as_of() }} then own.rate end as final_rate,
        case when own.known_on <= {{ as_of() }} then own.status end as final_status,
        case when own.known_on <= {{ as_of() }} then {{ first_day_of_month('own.known_on') }} end as announced_month,
        credits.credit_status
    from settlements
    left join credits
        on settlements.insurance_code = credits.insurance_code
        and settlements.account_year = credits.account_year
    left join known
        on settlements.insurance_code = known.insurance_code
        and settlements.account_year = known.account_year
        and settlements.settled_month_number = known.settled_month_number
    left join rates as last_known
        on settlements.insurance_code = last_known.insurance_code
        and known.known_year = last_known.account_year
    left join rates as own
        on settlements.insurance_code = own.insurance_code
        and settlements.account_year = own.account_year
)
select * from final
