-- One row per quarter and year that ended by as_of, from the year the books open.
with
calendar as (
    select
        cast(null as varchar) as period_code,
        cast(null as varchar) as period_kind,
        cast(null as date) as year_start_month,
        cast(null as date) as period_end_month,
        cast(null as varchar) as same_period_code
    where 1 = 0
    {%- for period in ended_periods() %}
    union all
    select
        '{{ period.code }}' as period_code,
        '{{ period.kind }}' as period_kind,
        cast('{{ period.year }}-01-01' as date) as year_start_month,
        cast('{{ period.end_month }}' as date) as period_end_month,
        '{{ period.same_period_code }}' as same_period_code
    {%- endfor %}
),
months as (select min(liability_month) as first_month from {{ ref('int_periods__liability_months') }}),
final as (
    select
        calendar.period_code,
        calendar.period_kind,
        calendar.year_start_month,
        calendar.period_end_month,
        calendar.same_period_code
    from calendar
    inner join months on calendar.period_end_month >= months.first_month
)
select * from final
