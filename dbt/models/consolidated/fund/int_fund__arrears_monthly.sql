-- One row per scheme and month: contributions received for liability months of earlier years.
{{ config(materialized='view') }}
with
flows as (select * from {{ ref('int_fund__1_flows') }} where is_arrears),
final as (
    select
        insurance_code,
        movement_month,
        {{ yuan('sum(flow_yuan)') }} as arrears_income_yuan
    from flows
    group by insurance_code, movement_month
)
select * from final
