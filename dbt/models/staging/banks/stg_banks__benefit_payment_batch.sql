-- One row per accepted line of the current batches of banks/benefit_payment_batch.
with
source as ({{ current_rows('banks', 'benefit_payment_batch') }}),
renamed as (
    select
        payment_number,
        person_number,
        identity_number,
        account_holder_name,
        bank_account_number,
        insurance_code,
        benefit_item_code,
        benefit_month,
        payment_yuan,
        pay_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
