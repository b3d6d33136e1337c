-- Registered, handled and closed, a complaint is sent three times: the fact has each once, and no other.
with
sent as (select count(distinct complaint_number) as complaint_count from {{ ref('stg_service_windows__complaints') }}),
counted as (select count(*) as complaint_count from {{ ref('fct_complaint') }})
select
    sent.complaint_count as sent_count,
    counted.complaint_count as counted_count
from sent
cross join counted
where sent.complaint_count <> counted.complaint_count
