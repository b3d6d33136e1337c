-- One row per month of a plan and rule of payment: the day on which the bank is to pay.
with
calendar as (
    select
        cast(null as date) as batch_month,
        cast(null as integer) as earliest_day,
        cast(null as date) as pay_on
    where 1 = 0
    {%- for month in plan_months() %}
    {%- for earliest_day in (6, 12, 20) %}
    union all
    select
        cast('{{ month }}' as date) as batch_month,
        {{ earliest_day }} as earliest_day,
        cast('{{ first_working_day(month, earliest_day) }}' as date) as pay_on
    {%- endfor %}
    {%- endfor %}
),
final as (select * from calendar)
select * from final
