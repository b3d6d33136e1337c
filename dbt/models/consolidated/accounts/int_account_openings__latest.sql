-- One row per personal account opened by carrying over or by transfer in: the latest record.
with
records as ({{ one_row_per_key(ref('stg_core_system__account_openings'), 'opening_number', 'desc') }}),
merged as (select * from {{ ref('int_person__2_survivors') }} where person_number <> surviving_person_number),
final as (
    select
        records.opening_number,
        coalesce(merged.surviving_person_number, records.person_number) as person_number,
        records.insurance_code,
        records.opening_kind_code,
        records.opened_month,
        records.opening_balance_yuan,
        records.pooled_yuan,
        records.deemed_month_count,
        records.paid_month_count,
        records.batch_id,
        records.source_line
    from records
    left join merged on records.person_number = merged.person_number
)
select * from final
