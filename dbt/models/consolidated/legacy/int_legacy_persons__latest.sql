-- One row per person in the legacy system's latest file, which alone counts.
with
persons as (select * from {{ ref('stg_legacy_system__persons') }}),
final as (
    select
        person_number,
        identity_number,
        person_name,
        sex_code,
        born_on,
        region_code,
        first_insured_month,
        period_code,
        batch_id,
        source_line
    from persons
    where period_code = (select max(sent.period_code) from persons as sent)
)
select * from final
