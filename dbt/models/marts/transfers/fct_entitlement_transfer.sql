-- One row per transfer of a pension relation, in or out: what moves by the rule, and what was paid or received.
with
payments as (select * from {{ ref('int_payments__latest') }} where is_paid and category = 'transfer'),
openings as (select * from {{ ref('int_account_openings__latest') }} where opening_kind_code = '2'),
balances as (select * from {{ ref('int_account__4_balances') }}),
bases as (select * from {{ ref('int_transfer__1_bases') }}),
shared_schemes as (select distinct insurance_code from {{ ref('transfer_pooled_shares') }}),
-- The years are added before rounding: the pooled part is one amount.
pooled as (
    select
        payment_number,
        {{ yuan('sum(base_total_yuan)') }} as base_total_yuan,
        cast(
            round(sum(cast(base_total_yuan as decimal(24, 2)) * pooled_share), 2) as decimal(18, 2)
        ) as pooled_part_yuan,
        cast(sum(month_count) as integer) as month_count,
        {{ weakest_status_in_group('rule_status') }} as rule_status
    from bases
    group by payment_number
),
-- The whole account moves: what was paid from it, and what it was left with.
outgoing as (
    select
        payments.payment_number as entitlement_transfer_number,
        '2' as transfer_direction_code,
        payments.person_number,
        payments.insurance_code,
        {{ first_day_of_month('payments.paid_on') }} as transfer_month,
        coalesce(pooled.base_total_yuan, {{ yuan('0') }}) as base_total_yuan,
        {{ yuan('payments.from_account_yuan + balances.closing_balance_yuan') }} as account_part_yuan,
        case
            when shared_schemes.insurance_code is not null then coalesce(pooled.pooled_part_yuan, {{ yuan('0') }})
        end as pooled_part_yuan,
        payments.payment_yuan as moved_yuan,
        cast(null as integer) as deemed_month_count,
        coalesce(pooled.month_count, 0) as moved_paid_month_count,
        {{ weakest_status('pooled.rule_status', 'balances.rule_status') }} as rule_status,
        payments.batch_id,
        payments.source_line
    from payments
    left join pooled on payments.payment_number = pooled.payment_number
    left join shared_schemes on payments.insurance_code = shared_schemes.insurance_code
    left join balances
        on payments.person_number = balances.person_number
        and payments.insurance_code = balances.insurance_code
        and {{ year_of('payments.paid_on') }} = balances.account_year
),
-- What another place reckoned is not reckoned again: its bases are not known here.
incoming as (
    select
        opening_number as entitlement_transfer_number,
        '1' as transfer_direction_code,
        person_number,
        insurance_code,
        opened_month as transfer_month,
        cast(null as decimal(18, 2)) as base_total_yuan,
        opening_balance_yuan as account_part_yuan,
        pooled_yuan as pooled_part_yuan,
        {{ yuan('opening_balance_yuan + pooled_yuan') }} as moved_yuan,
        deemed_month_count,
        paid_month_count as moved_paid_month_count,
        cast(null as varchar) as rule_status,
        batch_id,
        source_line
    from openings
),
moved as (
    select * from outgoing
    union all
    select * from incoming
),
final as (
    select
        cast(entitlement_transfer_number as varchar) as entitlement_transfer_number,
        cast(transfer_direction_code as varchar) as transfer_direction_code,
        person_number,
        insurance_code,
        transfer_month,
        base_total_yuan,
        account_part_yuan,
        pooled_part_yuan,
        {{ yuan('account_part_yuan + pooled_part_yuan') }} as transfer_total_yuan,
        moved_yuan,
        {{ yuan('moved_yuan - account_part_yuan - pooled_part_yuan') }} as transfer_difference_yuan,
        cast(deemed_month_count as integer) as deemed_month_count,
        cast(moved_paid_month_count as integer) as moved_paid_month_count,
        cast(rule_status as varchar) as rule_status,
        batch_id,
        source_line
    from moved
)
select * from final
