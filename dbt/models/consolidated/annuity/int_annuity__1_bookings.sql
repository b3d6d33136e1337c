-- One row per booking of an occupational annuity: funded and notional apart, and what was due (step 1 of 2).
{{ config(materialized='view') }} -- read by step 2; kept to trace an account to the lines of its files
with
records as ({{ one_row_per_key(ref('stg_annuity__occupational_annuity_contributions'), 'annuity_number', 'desc') }}),
merged as (select * from {{ ref('int_person__2_survivors') }} where person_number <> surviving_person_number),
units as (select * from {{ ref('int_units__latest') }}),
notional_unit_types as (select * from {{ ref('annuity_notional_unit_types') }}),
unit_rates as (select * from {{ ref('contribution_rates') }} where insurance_code = 'ANN' and payer = 'unit'),
person_rates as (select * from {{ ref('contribution_rates') }} where insurance_code = 'ANN' and payer = 'person'),
final as (
    select
        records.annuity_number,
        coalesce(merged.surviving_person_number, records.person_number) as person_number,
        cast('ANN' as varchar) as insurance_code,
        records.unit_number,
        records.liability_month,
        {{ first_day_of_month('records.received_on') }} as booked_month,
        records.contribution_base_yuan,
        {{ apply_rate('records.contribution_base_yuan', 'unit_rates.rate') }} as unit_due_yuan,
        {{ apply_rate('records.contribution_base_yuan', 'person_rates.rate') }} as person_due_yuan,
        -- The type of the unit decides; a unit nobody knows is booked as the trustee reports it.
        {{ yuan(
            'records.person_funded_yuan + case
                when units.unit_type_code is null then records.unit_funded_yuan
                when notional_unit_types.unit_type_code is null then records.unit_funded_yuan + records.unit_notional_yuan
                else 0
            end'
        ) }} as funded_yuan,
        {{ yuan(
            'case
                when units.unit_type_code is null then records.unit_notional_yuan
                when notional_unit_types.unit_type_code is null then 0
                else records.unit_funded_yuan + records.unit_notional_yuan
            end'
        ) }} as notional_yuan,
        {{ weakest_status('unit_rates.status', 'person_rates.status', 'notional_unit_types.status') }} as rate_status,
        records.batch_id,
        records.source_line
    from records
    left join merged on records.person_number = merged.person_number
    left join units on records.unit_number = units.unit_number
    left join notional_unit_types
        on units.unit_type_code = notional_unit_types.unit_type_code
        and records.liability_month >= notional_unit_types.valid_from
        and records.liability_month < notional_unit_types.valid_to
    left join unit_rates
        on records.liability_month >= unit_rates.valid_from
        and records.liability_month < unit_rates.valid_to
    left join person_rates
        on records.liability_month >= person_rates.valid_from
        and records.liability_month < person_rates.valid_to
)
select * from final
