-- One row per person, scheme and month of which an increment brings plan lines or receipts; none in a whole build.
with
lines as (select * from {{ ref('stg_tax_bureau__levy_plan_persons') }}),
new_lines as (select * from lines where batch_id in {{ new_batches() }}),
-- A line that is stated again may have been of another month before.
renewed as (
    select
        lines.person_number,
        lines.insurance_code,
        lines.liability_month
    from lines
    inner join new_lines
        on lines.settlement_slip_number = new_lines.settlement_slip_number
        and lines.person_number = new_lines.person_number
    union
    select
        person_number,
        insurance_code,
        liability_month
    from {{ ref('int_receipts__deduplicated') }}
    where batch_id in {{ new_batches() }}
),
planned_before as (
    select distinct liability_month
    from lines
    where batch_id not in {{ new_batches() }}
),
planned_now as (select distinct liability_month from {{ ref('int_levy_plan__persons') }}),
final as (
    select
        renewed.person_number,
        renewed.insurance_code,
        renewed.liability_month,
        (planned_before.liability_month is null) <> (planned_now.liability_month is null) as is_whole_month
    from renewed
    left join planned_before on renewed.liability_month = planned_before.liability_month
    left join planned_now on renewed.liability_month = planned_now.liability_month
    where {{ is_increment() | lower }}
)
select * from final
