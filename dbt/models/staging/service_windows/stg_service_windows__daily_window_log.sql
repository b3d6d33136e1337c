-- One row per accepted line of the current batches of service_windows/daily_window_log.
with
source as ({{ current_rows('service_windows', 'daily_window_log') }}),
renamed as (
    select
        service_on,
        window_code,
        officer_code,
        visit_count,
        accepted_case_count,
        collected_document_count,
        scanned_document_count,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
