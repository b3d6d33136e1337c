-- Reversals (冲正) that take back nothing known: no such receipt, or of somebody else, or of another amount.
{{ config(severity='warn') }}
select
    receipt_number,
    reversed_receipt_number,
    batch_id,
    source_line
from {{ ref('int_receipts__effective') }}
where reversed_receipt_number is not null
