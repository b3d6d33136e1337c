-- One row per period end, person and scheme in which a benefit award covers that month.
with
periods as (select distinct period_end_month from {{ ref('int_periods__completed') }}),
awards as (select * from {{ ref('int_awards__latest') }}),
final as (
    select
        periods.period_end_month,
        awards.person_number,
        awards.insurance_code
    from awards
    inner join periods
        on {{ covers('awards.benefit_start_month', 'awards.benefit_end_month', 'periods.period_end_month') }}
    where awards.category = 'benefit'
    group by periods.period_end_month, awards.person_number, awards.insurance_code
)
select * from final
