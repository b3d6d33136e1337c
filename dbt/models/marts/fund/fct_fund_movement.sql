-- One row per scheme, month and kind of movement: what came into the fund and what left it.
with
lines as (select * from {{ ref('int_fund__movement_lines') }}),
final as (
    select
        insurance_code,
        movement_month,
        movement_type_code,
        {{ yuan('sum(movement_yuan)') }} as movement_yuan
    from lines
    group by insurance_code, movement_month, movement_type_code
)
select * from final
