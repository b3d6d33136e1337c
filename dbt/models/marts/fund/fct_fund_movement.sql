-- One row per scheme, month and kind of movement: what came into the fund and what left it.
with
flows as (select * from {{ ref('int_fund__1_flows') }} where movement_type_code is not null),
final as (
    select
        insurance_code,
        movement_month,
        movement_type_code,
        {{ yuan('sum(flow_yuan)') }} as movement_yuan
    from flows
    group by insurance_code, movement_month, movement_type_code
)
select * from final
