-- One row per month that ended by as_of, from the month the books open.
with
months as (select * from {{ ref('int_periods__plan_months') }}),
final as (
    select plan_month as liability_month
    from months
    where plan_month < {{ first_open_month() }}
)
select * from final
