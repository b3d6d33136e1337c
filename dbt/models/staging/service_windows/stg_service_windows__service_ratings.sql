-- One row per accepted line of the current batches of service_windows/service_ratings.
with
source as ({{ current_rows('service_windows', 'service_ratings') }}),
renamed as (
    select
        rating_number,
        rated_on,
        window_code,
        officer_code,
        rating_code,
        warning_codes,
        period_code,
        sequence_number,
        batch_id,
        source_line
    from source
)
select * from renamed
