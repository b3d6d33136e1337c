-- One row per accepted line of the current batches of work_injury_providers/post_paid_settlements.
with
source as ({{ current_rows('work_injury_providers', 'post_paid_settlements') }}),
renamed as (
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
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
