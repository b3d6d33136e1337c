-- One row per scheme and month: contributions received for liability months of earlier years.
with
lines as (select * from {{ ref('int_fund__movement_lines') }} where is_arrears),
final as (
    select
        insurance_code,
        movement_month,
        {{ yuan('sum(movement_yuan)') }} as arrears_income_yuan
    from lines
    group by insurance_code, movement_month
)
select * from final
