-- One row per day, window and officer on duty: the latest record of what was done.
with
records as (
    {{ one_row_per_key(
        ref('stg_service_windows__daily_window_log'), 'service_on, window_code, officer_code', 'desc'
    ) }}
),
final as (
    select
        service_on,
        window_code,
        officer_code,
        visit_count,
        accepted_case_count,
        collected_document_count,
        scanned_document_count,
        batch_id,
        source_line
    from records
)
select * from final
