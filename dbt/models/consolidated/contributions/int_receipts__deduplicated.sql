-- One row per receipt: a receipt sent again in a later file counts once, as first received (step 2 of 3).
{{ config(materialized='incremental', incremental_strategy='append') }} -- what was received once is never changed
with
received as (
    select * from {{ ref('stg_tax_bureau__contribution_receipts') }}
    {%- if is_increment() %}
    where
        batch_id in {{ new_batches() }}
        and receipt_number not in (select known.receipt_number from {{ this }} as known)
    {%- endif %}
),
records as ({{ one_row_per_key('received', 'receipt_number', 'asc') }}),
final as (
    select
        receipt_number,
        unit_number,
        person_number,
        insurance_code,
        liability_month,
        due_type_code,
        contribution_base_yuan,
        unit_paid_yuan,
        person_paid_yuan,
        received_on,
        reversed_receipt_number,
        batch_id,
        source_line
    from records
)
select * from final
