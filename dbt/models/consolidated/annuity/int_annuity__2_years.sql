-- One row per occupational annuity and year: funded and notional part, interest, settlement into cash (step 2 of 2).
with
bookings as (select * from {{ ref('int_annuity__1_bookings') }}),
persons as (select * from {{ ref('int_persons__latest') }} where retired_on <= {{ as_of() }}),
survivors as (select * from {{ ref('int_person__2_survivors') }}),
rates as (select * from {{ ref('annuity_notional_rates') }}),
years as (
    {%- for year in account_years() %}
    select
        {{ year }} as account_year,
        cast('{{ year }}-01-01' as date) as first_day,
        cast('{{ year }}-12-31' as date) <= {{ as_of() }} as is_complete
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
retired as (
    select
        survivors.surviving_person_number as person_number,
        min({{ first_day_of_month('persons.retired_on') }}) as retired_month
    from persons
    inner join survivors on persons.person_number = survivors.person_number
    group by survivors.surviving_person_number
),
dated as (
    select
        bookings.*,
        greatest({{ year_of('bookings.booked_month') }}, {{ account_years()[0] }}) as account_year,
        {{ year_of('bookings.booked_month') }} < {{ account_years()[0] }} as is_carried_over
    from bookings
),
accounts as (
    select
        dated.person_number,
        dated.insurance_code,
        min(dated.account_year) as first_year,
        min(retired.retired_month) as retired_month
    from dated
    left join retired on dated.person_number = retired.person_number
    group by dated.person_number, dated.insurance_code
),
account_years as (
    select
        accounts.person_number,
        accounts.insurance_code,
        years.account_year,
        accounts.retired_month,
        accounts.first_year = years.account_year as is_first_year,
        coalesce({{ year_of('accounts.retired_month') }} <= years.account_year, false) as is_settled,
        -- A notional balance earns to the month of retirement, that month included.
        case
            when {{ year_of('accounts.retired_month') }} < years.account_year then 0
            when {{ year_of('accounts.retired_month') }} = years.account_year
                then {{ month_number('accounts.retired_month') }}
            else 12
        end as interest_month_count,
        years.is_complete or coalesce({{ year_of('accounts.retired_month') }} <= years.account_year, false)
            as is_interest_credited,
        rates.rate as notional_rate,
        rates.status as notional_rate_status
    from accounts
    inner join years on accounts.first_year <= years.account_year
    left join rates
        on accounts.insurance_code = rates.insurance_code
        and years.first_day >= rates.valid_from
        and years.first_day < rates.valid_to
),
moved as (
    select
        dated.person_number,
        dated.insurance_code,
        dated.account_year,
        sum(case when dated.is_carried_over then dated.funded_yuan else 0 end) as funded_carried_over_yuan,
        sum(case when dated.is_carried_over then dated.notional_yuan else 0 end) as notional_carried_over_yuan,
        sum(case when dated.is_carried_over then 0 else dated.funded_yuan end) as funded_credited_yuan,
        sum(case when dated.is_carried_over then 0 else dated.notional_yuan end) as notional_credited_yuan,
        sum(
            case when dated.is_carried_over then 0 else dated.notional_yuan end
            * {{ interest_months('account_years.interest_month_count', month_number('dated.booked_month')) }}
        ) as month_product_yuan,
        {{ weakest_status_in_group('dated.rate_status') }} as booking_status
    from dated
    inner join account_years
        on dated.person_number = account_years.person_number
        and dated.insurance_code = account_years.insurance_code
        and dated.account_year = account_years.account_year
    group by dated.person_number, dated.insurance_code, dated.account_year
),
movements as (
    select
        account_years.*,
        {{ yuan('coalesce(moved.funded_carried_over_yuan, 0)') }} as funded_carried_over_yuan,
        {{ yuan('coalesce(moved.notional_carried_over_yuan, 0)') }} as notional_carried_over_yuan,
        {{ yuan('coalesce(moved.funded_credited_yuan, 0)') }} as funded_credited_yuan,
        {{ yuan('coalesce(moved.notional_credited_yuan, 0)') }} as notional_credited_yuan,
        {{ yuan('coalesce(moved.month_product_yuan, 0)') }} as month_product_yuan,
        moved.booking_status
    from account_years
    left join moved
        on account_years.person_number = moved.person_number
        and account_years.insurance_code = moved.insurance_code
        and account_years.account_year = moved.account_year
),
{%- for year in account_years() %}
opened_{{ year }} as (
    select
        movements.*,
        {% if loop.first -%}
        movements.booking_status as status_so_far,
        movements.funded_carried_over_yuan as funded_opening_yuan,
        movements.notional_carried_over_yuan as opening_balance_yuan
        {%- else -%}
        {{ weakest_status('movements.booking_status', 'previous.rule_status') }} as status_so_far,
        {{ yuan('coalesce(previous.funded_closing_yuan, 0)') }} as funded_opening_yuan,
        {{ yuan('coalesce(previous.notional_closing_yuan, 0)') }} as opening_balance_yuan
        {%- endif %}
    from movements
    {%- if not loop.first %}
    left join closed_{{ year - 1 }} as previous
        on movements.person_number = previous.person_number
        and movements.insurance_code = previous.insurance_code
    {%- endif %}
    where movements.account_year = {{ year }}
),
interest_{{ year }} as (
    select
        opened_{{ year }}.*,
        case when is_interest_credited then {{ interest_on_opening('notional_rate') }} else {{ yuan('0') }} end
            as interest_on_opening_yuan,
        case
            when is_interest_credited then {{ interest_on_month_product('month_product_yuan', 'notional_rate') }}
            else {{ yuan('0') }}
        end as interest_on_current_yuan
    from opened_{{ year }}
),
closed_{{ year }} as (
    select
        interest_{{ year }}.*,
        {{ yuan('case when is_settled then opening_balance_yuan + notional_credited_yuan
            + interest_on_opening_yuan + interest_on_current_yuan else 0 end') }} as settled_yuan,
        {{ yuan('funded_opening_yuan + funded_credited_yuan + case when is_settled then opening_balance_yuan
            + notional_credited_yuan + interest_on_opening_yuan + interest_on_current_yuan else 0 end') }}
            as funded_closing_yuan,
        {{ yuan('case when is_settled then 0 else opening_balance_yuan + notional_credited_yuan
            + interest_on_opening_yuan + interest_on_current_yuan end') }} as notional_closing_yuan,
        {{ weakest_status(
            'status_so_far',
            'case when interest_on_opening_yuan + interest_on_current_yuan <> 0 then notional_rate_status end'
        ) }} as rule_status
    from interest_{{ year }}
),
{%- endfor %}
final as (
    {%- for year in account_years() %}
    select
        person_number,
        insurance_code,
        account_year,
        funded_opening_yuan,
        funded_credited_yuan,
        opening_balance_yuan as notional_opening_yuan,
        notional_credited_yuan,
        month_product_yuan,
        interest_on_opening_yuan,
        interest_on_current_yuan,
        settled_yuan,
        funded_closing_yuan,
        notional_closing_yuan,
        retired_month,
        is_interest_credited,
        notional_rate,
        rule_status
    from closed_{{ year }}
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
)
select * from final
