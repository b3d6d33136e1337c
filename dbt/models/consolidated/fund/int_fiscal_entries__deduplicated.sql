-- One row per entry of the fiscal special account (step 1 of 2).
with
records as ({{ one_row_per_key(ref('stg_finance_bureau__fiscal_account_entries'), 'entry_number', 'asc') }}),
entry_kinds as (select * from {{ ref('fiscal_entry_kinds') }}),
final as (
    select
        records.entry_number,
        records.insurance_code,
        records.entry_on,
        records.entry_kind_code,
        entry_kinds.movement_type_code,
        records.entry_yuan,
        records.entry_summary,
        records.batch_id,
        records.source_line
    from records
    left join entry_kinds on records.entry_kind_code = entry_kinds.entry_kind_code
)
select * from final
