-- Schemes and ended months in which the sweep of the income account is not what the month's receipts add to.
with
months as (select * from {{ ref('int_periods__liability_months') }}),
swept as (
    select
        insurance_code,
        {{ first_day_of_month('entry_on') }} as movement_month,
        sum(entry_yuan) as swept_yuan
    from {{ ref('int_fiscal_entries__deduplicated') }}
    where entry_kind_code = '01'
    group by insurance_code, {{ first_day_of_month('entry_on') }}
),
received as (
    select
        insurance_code,
        {{ first_day_of_month('received_on') }} as movement_month,
        sum(unit_paid_yuan + person_paid_yuan) as received_yuan
    from {{ ref('int_receipts__deduplicated') }}
    group by insurance_code, {{ first_day_of_month('received_on') }}
),
final as (
    select
        coalesce(swept.insurance_code, received.insurance_code) as insurance_code,
        coalesce(swept.movement_month, received.movement_month) as movement_month,
        swept.swept_yuan,
        received.received_yuan
    from swept
    full join received
        on swept.insurance_code = received.insurance_code and swept.movement_month = received.movement_month
    inner join months on coalesce(swept.movement_month, received.movement_month) = months.liability_month
    where coalesce(swept.swept_yuan, 0) <> coalesce(received.received_yuan, 0)
)
select * from final
