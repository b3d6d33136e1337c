-- One row per accepted line of the current batches of core_system/account_openings.
with
source as ({{ current_rows('core_system', 'account_openings') }}),
renamed as (
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
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
