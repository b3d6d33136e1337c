-- One row per person, scheme and month in which a contribution falls due (step 2 of 2).
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_persons() }}") }}
with
spells as (select * from {{ ref('int_participation__latest') }}),
months as (select * from {{ ref('int_periods__plan_months') }}),
final as (
    select
        spells.person_number,
        spells.insurance_code,
        months.plan_month as liability_month,
        spells.unit_number,
        spells.contribution_base_yuan,
        spells.batch_id,
        spells.source_line
    from spells
    inner join months on {{ covers('spells.start_month', 'spells.end_month', 'months.plan_month') }}
    where
        spells.contribution_status_code = '1'
        and {{ is_added('spells.person_number', 'months.plan_month') }}
)
select * from final
