-- One row per account year that was settled at a provisional rate, once its own rate is announced: the difference.
with
balances as (select * from {{ ref('int_account__4_balances') }} where resettled_from_rate is not null),
final as (
    select
        person_number,
        insurance_code,
        account_year,
        announced_month as resettled_month,
        resettled_from_rate,
        final_rate,
        settled_interest_yuan,
        final_interest_yuan,
        {{ yuan('final_interest_yuan - settled_interest_yuan') }} as resettlement_yuan,
        closed_month is not null as is_account_closed
    from balances
)
select * from final
