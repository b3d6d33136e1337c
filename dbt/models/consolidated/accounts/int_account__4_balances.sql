-- One row per personal account and account year: opening + principal + interest - outflow = closing (step 4 of 5).
with
movements as (select * from {{ ref('int_account__3_years') }}),
{%- for year in account_years() %}
opened_{{ year }} as (
    select
        movements.*,
        {% if loop.first -%}
        movements.carried_over_yuan as opening_balance_yuan,
        movements.year_status as rule_status
        {%- else -%}
        {{ yuan('movements.carried_over_yuan + coalesce(previous.closing_balance_yuan, 0)') }} as opening_balance_yuan,
        {{ weakest_status('movements.year_status', 'previous.rule_status') }} as rule_status
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
        case when is_interest_credited then {{ interest_on_opening('bookkeeping_rate') }} else {{ yuan('0') }} end
            as interest_on_opening_yuan,
        case when is_interest_credited then {{ interest_on_current('bookkeeping_rate') }} else {{ yuan('0') }} end
            as interest_on_current_yuan,
        case
            when resettled_from_rate is not null
                then
                    {{ interest_on_opening('resettled_from_rate') }}
                    + {{ interest_on_current('resettled_from_rate') }}
        end as settled_interest_yuan,
        case
            when resettled_from_rate is not null
                then {{ interest_on_opening('final_rate') }} + {{ interest_on_current('final_rate') }}
        end as final_interest_yuan
    from opened_{{ year }}
),
closed_{{ year }} as (
    select
        interest_{{ year }}.*,
        {{ yuan('interest_on_opening_yuan + interest_on_current_yuan') }} as interest_credited_yuan,
        {{ closing_balance(
            'opening_balance_yuan', 'principal_credited_yuan', 'interest_on_opening_yuan + interest_on_current_yuan',
            'account_outflow_yuan'
        ) }} as closing_balance_yuan
    from interest_{{ year }}
),
{%- endfor %}
final as (
    {%- for year in account_years() %}
    select
        person_number,
        insurance_code,
        account_year,
        opening_balance_yuan,
        principal_credited_yuan,
        account_outflow_yuan,
        month_product_yuan,
        interest_on_opening_yuan,
        interest_on_current_yuan,
        interest_credited_yuan,
        closing_balance_yuan,
        month_count,
        cumulative_month_count,
        deemed_month_count,
        closed_month,
        is_interest_credited,
        bookkeeping_rate,
        rate_status,
        rule_status,
        is_rate_provisional,
        resettled_from_rate,
        final_rate,
        announced_month,
        {{ yuan('settled_interest_yuan') }} as settled_interest_yuan,
        {{ yuan('final_interest_yuan') }} as final_interest_yuan
    from closed_{{ year }}
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
)
select * from final
