-- One row per occupational annuity and account year: the funded and the notional part, and what was settled into cash.
with
years as (select * from {{ ref('int_annuity__2_years') }}),
final as (
    select
        person_number,
        insurance_code,
        account_year,
        funded_opening_yuan,
        funded_credited_yuan,
        notional_opening_yuan,
        notional_credited_yuan,
        month_product_yuan,
        interest_on_opening_yuan,
        interest_on_current_yuan,
        {{ yuan('interest_on_opening_yuan + interest_on_current_yuan') }} as interest_credited_yuan,
        settled_yuan,
        funded_closing_yuan,
        notional_closing_yuan,
        retired_month,
        is_interest_credited,
        notional_rate,
        cast(rule_status as varchar) as rule_status
    from years
)
select * from final
