-- One row per scheme and ended month whose treasury receipts were not swept alike; matched ones are summed.
with
months as (select * from {{ ref('int_periods__liability_months') }}),
booked as (
    {{ one_row_per_key(ref('stg_finance_bureau__treasury_receipts'), 'treasury_receipt_number', 'desc') }}
),
treasury as (
    select
        insurance_code,
        {{ first_day_of_month('entry_on') }} as tie_month,
        treasury_yuan,
        entry_on,
        {{ place() }} as line_place
    from booked
),
swept as (
    select
        insurance_code,
        {{ first_day_of_month('entry_on') }} as tie_month,
        entry_yuan,
        entry_on,
        {{ place() }} as line_place
    from {{ ref('int_fiscal_entries__deduplicated') }}
    where entry_kind_code = '01'
),
left_side as (
    select
        treasury.insurance_code || '-' || {{ month_text('treasury.tie_month') }} as item_key,
        treasury.tie_month,
        treasury.insurance_code,
        '' as unit_number,
        sum(treasury.treasury_yuan) as side_yuan,
        min(treasury.entry_on) as since_on,
        min(treasury.line_place) as line_place
    from treasury
    inner join months on treasury.tie_month = months.liability_month
    group by treasury.insurance_code, treasury.tie_month
),
right_side as (
    select
        swept.insurance_code || '-' || {{ month_text('swept.tie_month') }} as item_key,
        swept.tie_month,
        swept.insurance_code,
        '' as unit_number,
        sum(swept.entry_yuan) as side_yuan,
        min(swept.entry_on) as since_on,
        min(swept.line_place) as line_place
    from swept
    inner join months on swept.tie_month = months.liability_month
    group by swept.insurance_code, swept.tie_month
),
{{ tied('treasury_swept') }}
