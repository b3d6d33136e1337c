-- One row per complaint: the latest record of how far it has come.
with
records as ({{ one_row_per_key(ref('stg_service_windows__complaints'), 'complaint_number', 'desc') }}),
final as (
    select
        complaint_number,
        window_code,
        complaint_kind_code,
        registered_on,
        due_on,
        handled_on,
        closed_on,
        batch_id,
        source_line
    from records
)
select * from final
