-- One row per personal account opened by carrying over or by transfer in: the latest record.
with
records as ({{ one_row_per_key(ref('stg_core_system__account_openings'), 'opening_number', 'desc') }}),
final as (
    select
        opening_number,
        person_number,
        insurance_code,
        opening_kind_code,
        opened_month,
        opening_balance_yuan,
        pooled_yuan,
        deemed_month_count,
        paid_month_count,
        batch_id,
        source_line
    from records
)
select * from final
