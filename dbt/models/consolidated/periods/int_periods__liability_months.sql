-- One row per month that ended by as_of, from the month the books open.
with
calendar as (
    select cast(null as date) as liability_month where 1 = 0
    {%- for month in ended_months() %}
    union all
    select cast('{{ month }}' as date) as liability_month
    {%- endfor %}
),
opened as (
    select min({{ month_of_period('period_code') }}) as first_month
    from {{ ref('stg_landing__current_batches') }}
    where source_name = 'core_system' and feed_name = 'participation'
),
final as (
    select calendar.liability_month
    from calendar
    inner join opened on calendar.liability_month >= opened.first_month
)
select * from final
