-- One row per accepted line of the current batches of service_windows/complaints.
with
source as ({{ current_rows('service_windows', 'complaints') }}),
renamed as (
    select
        complaint_number,
        window_code,
        complaint_kind_code,
        registered_on,
        due_on,
        handled_on,
        closed_on,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
