-- One row per transfer out, year and share: the bases of the months paid that the pooled part is a share of.
{{ config(materialized='view') }} -- read once, for the few who moved
with
payments as (select * from {{ ref('int_payments__latest') }} where is_paid and category = 'transfer'),
settled as (select * from {{ ref('int_contributions__settled') }} where booked_on is not null),
shares as (select * from {{ ref('transfer_pooled_shares') }}),
-- What an earlier transfer took along does not move again.
transfers as (
    select
        payment_number,
        person_number,
        insurance_code,
        paid_on,
        lag(paid_on) over (
            partition by person_number, insurance_code order by paid_on nulls last, payment_number nulls last
        ) as previous_paid_on
    from payments
),
final as (
    select
        transfers.payment_number,
        transfers.person_number,
        transfers.insurance_code,
        {{ year_of('settled.liability_month') }} as contribution_year,
        shares.share as pooled_share,
        {{ yuan('sum(settled.contribution_base_yuan)') }} as base_total_yuan,
        cast(count(*) as integer) as month_count,
        {{ weakest_status_in_group(weakest_status('settled.rule_status', 'shares.status')) }} as rule_status
    from transfers
    inner join settled
        on transfers.person_number = settled.person_number
        and transfers.insurance_code = settled.insurance_code
        and transfers.paid_on >= settled.booked_on
        and (transfers.previous_paid_on is null or transfers.previous_paid_on < settled.booked_on)
    inner join shares
        on transfers.insurance_code = shares.insurance_code
        and settled.liability_month >= shares.valid_from
        and settled.liability_month < shares.valid_to
    group by
        transfers.payment_number, transfers.person_number, transfers.insurance_code,
        {{ year_of('settled.liability_month') }}, shares.share
)
select * from final
