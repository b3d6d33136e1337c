-- One row per entry that fiscal account and bank do not show alike; matched ones are summed.
with
bank as (select * from {{ ref('int_bank_entries__claimed') }} where step_code = 'fiscal_banked'),
left_side as (
    select
        entry_number as item_key,
        {{ first_day_of_month('entry_on') }} as tie_month,
        insurance_code,
        '' as unit_number,
        case when entry_kind_code = '04' then -entry_yuan else entry_yuan end as side_yuan,
        entry_on as since_on,
        {{ place() }} as line_place
    from {{ ref('int_fiscal_entries__deduplicated') }}
    where entry_kind_code <> '00'
),
right_side as (
    select
        item_key,
        min({{ first_day_of_month('entry_on') }}) as tie_month,
        min(insurance_code) as insurance_code,
        '' as unit_number,
        sum(side_yuan) as side_yuan,
        min(entry_on) as since_on,
        min({{ place() }}) as line_place
    from bank
    group by item_key
),
{{ tied('fiscal_banked') }}
