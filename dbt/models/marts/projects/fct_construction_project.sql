-- One row per construction project: the latest record, whether it was insured at its start, and its premium.
with
records as ({{ one_row_per_key(ref('stg_core_system__construction_projects'), 'project_number', 'desc') }}),
prefectures as (select * from {{ ref('prefectures') }}),
final as (
    select
        records.project_number,
        records.project_name,
        records.unit_number,
        records.region_code,
        prefectures.current_region_code as prefecture_code,
        records.started_on,
        records.ended_on,
        records.insured_on,
        coalesce(records.insured_on <= records.started_on, false) as is_insured_at_start,
        records.contract_yuan,
        records.premium_rate_ppm,
        -- A rate that the file does not give stays unknown, and so does the premium.
        {{ apply_rate('records.contract_yuan', 'records.premium_rate_ppm * 0.000001') }} as premium_yuan,
        records.batch_id,
        records.source_line
    from records
    left join prefectures on substr(records.region_code, 1, 4) = prefectures.region_code
)
select * from final
