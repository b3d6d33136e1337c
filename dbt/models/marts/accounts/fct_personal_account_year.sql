-- One row per personal account and account year: opening + principal + interest - outflow = closing.
with
balances as (select * from {{ ref('int_account__4_balances') }}),
final as (
    select
        person_number,
        insurance_code,
        account_year,
        opening_balance_yuan,
        principal_credited_yuan,
        month_product_yuan,
        interest_on_opening_yuan,
        interest_on_current_yuan,
        interest_credited_yuan,
        account_outflow_yuan,
        closing_balance_yuan,
        month_count,
        cumulative_month_count,
        deemed_month_count,
        bookkeeping_rate,
        rate_status,
        cast(rule_status as varchar) as rule_status,
        is_rate_provisional,
        closed_month,
        is_interest_credited
    from balances
)
select * from final
