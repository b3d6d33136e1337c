-- One row per accepted line of the current batches of core_system/benefit_awards.
with
source as ({{ current_rows('core_system', 'benefit_awards') }}),
renamed as (
    select
        award_number,
        person_number,
        insurance_code,
        benefit_item_code,
        benefit_yuan,
        benefit_start_month,
        benefit_end_month,
        disbursement_mode_code,
        account_holder_name,
        bank_account_number,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
