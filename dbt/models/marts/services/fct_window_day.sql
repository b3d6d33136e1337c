-- One row per day and window: visits, cases, documents collected and scanned, and how visitors rated it.
{%- set counts = [
    'visit_count', 'accepted_case_count', 'collected_document_count', 'scanned_document_count', 'rating_count',
    'very_satisfied_count', 'satisfied_count', 'basically_satisfied_count', 'dissatisfied_count',
    'very_dissatisfied_count'
] %}
with
window_log as (select * from {{ ref('int_window_log__latest') }}),
ratings as (select * from {{ ref('int_service_ratings__latest') }}),
lines as (
    select
        service_on,
        window_code,
        visit_count,
        accepted_case_count,
        collected_document_count,
        scanned_document_count,
        0 as rating_count,
        0 as very_satisfied_count,
        0 as satisfied_count,
        0 as basically_satisfied_count,
        0 as dissatisfied_count,
        0 as very_dissatisfied_count
    from window_log
    union all
    select
        rated_on as service_on,
        window_code,
        0 as visit_count,
        0 as accepted_case_count,
        0 as collected_document_count,
        0 as scanned_document_count,
        1 as rating_count,
        case when rating_code = '1' then 1 else 0 end as very_satisfied_count,
        case when rating_code = '2' then 1 else 0 end as satisfied_count,
        case when rating_code = '3' then 1 else 0 end as basically_satisfied_count,
        case when rating_code = '4' then 1 else 0 end as dissatisfied_count,
        case when rating_code = '5' then 1 else 0 end as very_dissatisfied_count
    from ratings
),
final as (
    select
        service_on,
        window_code,
        {%- for column in counts %}
        cast(sum({{ column }}) as integer) as {{ column }}{{ '' if loop.last else ',' }}
        {%- endfor %}
    from lines
    group by service_on, window_code
)
select * from final
