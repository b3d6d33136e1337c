-- One row per month for which a plan can be made: from the month the books open to the one after the last that ended.
with
calendar as (
    {%- for month in plan_months() %}
    select cast('{{ month }}' as date) as plan_month
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
opened as (
    select min({{ month_of_period('period_code') }}) as first_month
    from {{ ref('stg_landing__current_batches') }}
    where source_name = 'core_system' and feed_name = 'participation'
),
final as (
    select calendar.plan_month
    from calendar
    inner join opened on calendar.plan_month >= opened.first_month
)
select * from final
