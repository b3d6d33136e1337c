-- One row per complaint: how far it has come, and whether it took, or is taking, longer than it may.
with
complaints as (select * from {{ ref('int_complaints__latest') }}),
final as (
    select
        complaint_number,
        window_code,
        complaint_kind_code,
        registered_on,
        due_on,
        handled_on,
        closed_on,
        coalesce(closed_on, {{ as_of() }}) > due_on as is_overdue,
        batch_id,
        source_line
    from complaints
)
select * from final
