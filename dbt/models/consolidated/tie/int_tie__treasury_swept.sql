-- One row per scheme and month whose treasury receipts were not swept alike; matched ones are summed.
with
booked as (
    {{ one_row_per_key(
        ref('stg_finance_bureau__treasury_receipts'), 'treasury_receipt_number', 'desc'
    ) }}
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
        insurance_code || '-' || {{ month_text('tie_month') }} as item_key,
        tie_month,
        insurance_code,
        '' as unit_number,
        sum(treasury_yuan) as side_yuan,
        min(entry_on) as since_on,
        min(line_place) as line_place
    from treasury
    group by insurance_code, tie_month
),
right_side as (
    select
        insurance_code || '-' || {{ month_text('tie_month') }} as item_key,
        tie_month,
        insurance_code,
        '' as unit_number,
        sum(entry_yuan) as side_yuan,
        min(entry_on) as since_on,
        min(line_place) as line_place
    from swept
    group by insurance_code, tie_month
),
{{ tied('treasury_swept', special="
            -- What is collected in a month is swept by its end.
            when coalesce(left_side.side_yuan, 0) <> coalesce(right_side.side_yuan, 0)
                and coalesce(left_side.tie_month, right_side.tie_month) >= " ~ first_open_month() ~ " then 'awaiting'") }}
