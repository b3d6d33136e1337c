-- One row per rating: its latest record.
with
records as ({{ one_row_per_key(ref('stg_service_windows__service_ratings'), 'rating_number', 'desc') }}),
final as (
    select
        rating_number,
        rated_on,
        window_code,
        officer_code,
        rating_code,
        batch_id,
        source_line
    from records
)
select * from final
