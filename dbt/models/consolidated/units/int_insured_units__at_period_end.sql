-- One row per period end, unit and scheme in which somebody contributes through the unit in that month.
with
periods as (select distinct period_end_month from {{ ref('int_periods__completed') }}),
spells as (select * from {{ ref('int_participation__latest') }}),
final as (
    select
        periods.period_end_month,
        spells.unit_number,
        spells.insurance_code
    from spells
    inner join periods on {{ covers('spells.start_month', 'spells.end_month', 'periods.period_end_month') }}
    where spells.contribution_status_code = '1'
    group by periods.period_end_month, spells.unit_number, spells.insurance_code
)
select * from final
