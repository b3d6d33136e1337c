-- One row per business key of a file: the batch that counts on as_of, the last one received.
with
source as (select * from {{ source('landing', 'batches') }}),
ranked as (
    select
        source.*,
        row_number() over (
            partition by source_name, feed_name, profile_name, period_code, sequence_number
            order by received_at desc nulls last, batch_id desc nulls last
        ) as receipt_rank
    from source
    where created_on <= {{ as_of() }}
),
renamed as (
    select
        batch_id,
        source_name,
        feed_name,
        period_code,
        sequence_number,
        profile_name,
        created_on,
        received_at,
        layout_effective_from,
        file_name,
        received_row_count,
        accepted_row_count,
        rejected_row_count
    from ranked
    where receipt_rank = 1
)
select * from renamed
