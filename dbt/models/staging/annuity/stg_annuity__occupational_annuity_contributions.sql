-- One row per accepted line of the current batches of annuity/occupational_annuity_contributions.
with
source as ({{ current_rows('annuity', 'occupational_annuity_contributions') }}),
renamed as (
    select
        annuity_number,
        unit_number,
        person_number,
        liability_month,
        contribution_base_yuan,
        unit_funded_yuan,
        unit_notional_yuan,
        person_funded_yuan,
        received_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
