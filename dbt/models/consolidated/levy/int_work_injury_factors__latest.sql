-- One row per unit and month from which a floating factor of work injury insurance holds: its latest record.
with
records as (
    {{ one_row_per_key(ref('stg_core_system__work_injury_floating_rates'), 'unit_number, start_month', 'desc') }}
),
units as (select * from {{ ref('int_units__latest') }}),
allowed as (select * from {{ ref('work_injury_floating_factors') }}),
final as (
    select
        records.unit_number,
        records.start_month,
        lead(records.start_month) over (
            partition by records.unit_number
            order by records.start_month nulls last
        ) as next_start_month,
        units.risk_class,
        records.floating_percent,
        records.document_number,
        allowed.floating_percent is not null as is_allowed_factor,
        -- A factor that its class does not have counts as none: the unit pays the base rate.
        cast(coalesce(allowed.floating_percent, 100) * 0.01 as decimal(5, 2)) as floating_factor,
        cast(coalesce(allowed.status, 'assumed') as varchar) as factor_status,
        records.batch_id,
        records.source_line
    from records
    left join units on records.unit_number = units.unit_number
    left join allowed
        on units.risk_class = allowed.risk_class
        and records.floating_percent = allowed.floating_percent
        and records.start_month >= allowed.valid_from
        and records.start_month < allowed.valid_to
)
select * from final
