-- One row per accepted line of the current batches of banks/benefit_payment_returns.
with
source as ({{ current_rows('banks', 'benefit_payment_returns') }}),
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
        from_account_yuan,
        paid_on,
        payment_status_code,
        return_reason_code,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
