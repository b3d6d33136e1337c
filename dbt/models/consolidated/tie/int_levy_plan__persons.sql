-- One row per settlement slip and person: the latest record of what is to be levied.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ replace_records(ref('stg_tax_bureau__levy_plan_persons'), 'settlement_slip_number, person_number') }}"
) }}
-- depends_on: {{ source('landing', 'new_batches') }}
with
planned as (
    select * from {{ ref('stg_tax_bureau__levy_plan_persons') }}
    {%- if is_increment() %}
    where batch_id in {{ new_batches() }}
    {%- endif %}
),
records as ({{ one_row_per_key('planned', 'settlement_slip_number, person_number', 'desc') }}),
final as (
    select
        settlement_slip_number,
        unit_number,
        person_number,
        insurance_code,
        settlement_month,
        liability_month,
        contribution_base_yuan,
        unit_due_yuan,
        person_due_yuan,
        batch_id,
        source_line
    from records
)
select * from final
