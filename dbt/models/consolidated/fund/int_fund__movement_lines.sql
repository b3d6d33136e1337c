-- One row per line of a file that moves a fund: receipts, fiscal entries, payments (step 2 of 2).
{{ config(materialized='view') }} -- a second copy of every receipt is not worth its space
with
receipts as (select * from {{ ref('int_receipts__deduplicated') }}),
entries as (select * from {{ ref('int_fiscal_entries__deduplicated') }}),
payments as (select * from {{ ref('int_payments__latest') }}),
final as (
    select
        insurance_code,
        {{ first_day_of_month('received_on') }} as movement_month,
        'contribution_income' as movement_type_code,
        {{ yuan('unit_paid_yuan + person_paid_yuan') }} as movement_yuan,
        person_paid_yuan as person_part_yuan,
        {{ year_of('liability_month') }} < {{ year_of('received_on') }} as is_arrears,
        batch_id,
        source_line
    from receipts
    union all
    select
        insurance_code,
        {{ first_day_of_month('entry_on') }} as movement_month,
        movement_type_code,
        entry_yuan as movement_yuan,
        0 as person_part_yuan,
        false as is_arrears,
        batch_id,
        source_line
    from entries
    where movement_type_code is not null
    union all
    select
        insurance_code,
        {{ first_day_of_month('paid_on') }} as movement_month,
        category || '_expenditure' as movement_type_code,
        payment_yuan as movement_yuan,
        0 as person_part_yuan,
        false as is_arrears,
        batch_id,
        source_line
    from payments
    where is_paid
)
select * from final
