-- One row per item of any step that is not matched, and one per month, scheme and unit for those that are.
{{ config(materialized='view') }} -- the steps are tables already
with
final as (
    select * from {{ ref('int_tie__plan_acknowledged') }}
    union all
    select * from {{ ref('int_tie__plan_itemised') }}
    union all
    select * from {{ ref('int_tie__plan_received') }}
    union all
    select * from {{ ref('int_tie__received_booked') }}
    union all
    select * from {{ ref('int_tie__treasury_swept') }}
    union all
    select * from {{ ref('int_tie__subsidy_transferred') }}
    union all
    select * from {{ ref('int_tie__fiscal_banked') }}
    union all
    select * from {{ ref('int_tie__award_sent') }}
    union all
    select * from {{ ref('int_tie__sent_answered') }}
    union all
    select * from {{ ref('int_tie__sent_paid') }}
    union all
    select * from {{ ref('int_tie__returned_refunded') }}
    union all
    select * from {{ ref('int_tie__allotment_received') }}
)
select * from final
