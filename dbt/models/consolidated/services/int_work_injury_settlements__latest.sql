-- One row per bill of a contracted provider: its latest record, as corrected.
with
records as (
    {{ one_row_per_key(
        ref('stg_work_injury_providers__post_paid_settlements'), 'settlement_number', 'desc'
    ) }}
),
final as (
    select
        settlement_number,
        provider_code,
        provider_name,
        person_number,
        identity_number,
        bill_kind_code,
        invoice_number,
        admitted_on,
        discharged_on,
        billed_yuan,
        batch_id,
        source_line
    from records
)
select * from final
