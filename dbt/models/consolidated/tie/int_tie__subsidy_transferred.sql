-- One row per subsidy that transfers and the fiscal account do not show alike; matched ones are summed.
with
transfers as ({{ one_row_per_key(ref('stg_finance_bureau__subsidy_transfers'), 'transfer_number', 'desc') }}),
left_side as (
    select
        entry_number as item_key,
        min({{ first_day_of_month('transferred_on') }}) as tie_month,
        min(insurance_code) as insurance_code,
        '' as unit_number,
        sum(transfer_yuan) as side_yuan,
        min(transferred_on) as since_on,
        min({{ place() }}) as line_place
    from transfers
    group by entry_number
),
right_side as (
    select
        entry_number as item_key,
        {{ first_day_of_month('entry_on') }} as tie_month,
        insurance_code,
        '' as unit_number,
        entry_yuan as side_yuan,
        entry_on as since_on,
        {{ place() }} as line_place
    from {{ ref('int_fiscal_entries__deduplicated') }}
    where entry_kind_code = '02'
),
{{ tied('subsidy_transferred') }}
