-- Sums of the window days that are not those of the windows' log and of the ratings.
with
days as (
    select
        coalesce(sum(visit_count), 0) as visit_count,
        coalesce(sum(accepted_case_count), 0) as accepted_case_count,
        coalesce(sum(collected_document_count), 0) as collected_document_count,
        coalesce(sum(scanned_document_count), 0) as scanned_document_count,
        coalesce(sum(rating_count), 0) as rating_count
    from {{ ref('fct_window_day') }}
),
window_log as (
    select
        coalesce(sum(visit_count), 0) as visit_count,
        coalesce(sum(accepted_case_count), 0) as accepted_case_count,
        coalesce(sum(collected_document_count), 0) as collected_document_count,
        coalesce(sum(scanned_document_count), 0) as scanned_document_count
    from {{ ref('int_window_log__latest') }}
),
ratings as (
    select count(distinct rating_number) as rating_count from {{ ref('stg_service_windows__service_ratings') }}
)
select
    days.visit_count,
    days.rating_count,
    ratings.rating_count as sent_rating_count
from days
cross join window_log
cross join ratings
where days.visit_count <> window_log.visit_count
    or days.accepted_case_count <> window_log.accepted_case_count
    or days.collected_document_count <> window_log.collected_document_count
    or days.scanned_document_count <> window_log.scanned_document_count
    or days.rating_count <> ratings.rating_count
