-- One row per receipt that stands: a receipt and the line that takes it back (冲正) both fall away.
{{ config(materialized='view') }} -- a second copy of every receipt is not worth its space; few are taken back
with
reversals as (select * from {{ ref('int_receipts__deduplicated') }} where reversed_receipt_number is not null),
pairs as (
    select
        originals.receipt_number as original_number,
        reversals.receipt_number as reversal_number,
        row_number() over (
            partition by originals.receipt_number
            order by reversals.received_on nulls last, reversals.receipt_number nulls last
        ) as reversal_rank
    from reversals
    inner join {{ ref('int_receipts__deduplicated') }} as originals
        on reversals.reversed_receipt_number = originals.receipt_number
        and reversals.person_number = originals.person_number
        and reversals.insurance_code = originals.insurance_code
        and reversals.liability_month = originals.liability_month
        and reversals.unit_paid_yuan = -originals.unit_paid_yuan
        and reversals.person_paid_yuan = -originals.person_paid_yuan
    where originals.reversed_receipt_number is null
),
fallen as (
    select original_number as receipt_number
    from pairs
    where reversal_rank = 1
    union all
    select reversal_number as receipt_number
    from pairs
    where reversal_rank = 1
),
final as (
    select receipts.*
    from {{ ref('int_receipts__deduplicated') }} as receipts
    left join fallen on receipts.receipt_number = fallen.receipt_number
    where fallen.receipt_number is null
)
select * from final
