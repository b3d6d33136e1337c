-- Of every step the sides add to what the files hold, and their difference is exactly that of the items listed.
with
summed as (
    select
        step_code,
        tie_month,
        insurance_code,
        unit_number,
        sum(matched_yuan) as matched_yuan,
        sum(left_yuan) as left_yuan,
        sum(right_yuan) as right_yuan
    from {{ ref('fct_tie_summary') }}
    group by step_code, tie_month, insurance_code, unit_number
),
listed as (
    select
        step_code,
        tie_month,
        insurance_code,
        coalesce(unit_number, '') as unit_number,
        sum(left_yuan) as left_yuan,
        sum(right_yuan) as right_yuan
    from {{ ref('fct_tie_item') }}
    group by step_code, tie_month, insurance_code, coalesce(unit_number, '')
),
unexplained as (
    select summed.step_code
    from summed
    left join listed
        on summed.step_code = listed.step_code
        and summed.tie_month = listed.tie_month
        and summed.insurance_code = listed.insurance_code
        and summed.unit_number = listed.unit_number
    where
        summed.left_yuan <> summed.matched_yuan + coalesce(listed.left_yuan, 0)
        or summed.right_yuan <> summed.matched_yuan + coalesce(listed.right_yuan, 0)
),
sides as (
    select
        'plan_acknowledged' as step_code,
        'left' as side,
        sum(total_due_yuan) as side_yuan
    from {{ ref('int_levy_plan__slips') }}
    union all
    select
        'plan_itemised' as step_code,
        'right' as side,
        sum(unit_due_yuan + person_due_yuan) as side_yuan
    from {{ ref('int_levy_plan__persons') }}
    union all
    select
        'plan_received' as step_code,
        'left' as side,
        sum(unit_due_yuan + person_due_yuan) as side_yuan
    from {{ ref('int_levy_plan__persons') }}
    union all
    select
        'plan_received' as step_code,
        'right' as side,
        sum(unit_paid_yuan + person_paid_yuan) as side_yuan
    from {{ ref('int_receipts__effective') }}
    where liability_month >= (select min(liability_month) from {{ ref('int_levy_plan__persons') }})
    union all
    select
        'received_booked' as step_code,
        'left' as side,
        sum(unit_paid_yuan + person_paid_yuan) as side_yuan
    from {{ ref('int_receipts__deduplicated') }}
    union all
    select
        'treasury_swept' as step_code,
        'right' as side,
        sum(entry_yuan) as side_yuan
    from {{ ref('int_fiscal_entries__deduplicated') }}
    where entry_kind_code = '01'
    union all
    select
        'fiscal_banked' as step_code,
        'left' as side,
        sum(case when entry_kind_code = '04' then -entry_yuan else entry_yuan end) as side_yuan
    from {{ ref('int_fiscal_entries__deduplicated') }}
    where entry_kind_code <> '00'
    union all
    select
        step_code,
        'right' as side,
        sum(side_yuan) as side_yuan
    from {{ ref('int_bank_entries__claimed') }}
    group by step_code
    union all
    select
        'sent_answered' as step_code,
        'left' as side,
        sum(payment_yuan) as side_yuan
    from {{ ref('int_payment_batch__lines') }}
    union all
    select
        'sent_paid' as step_code,
        'left' as side,
        sum(payment_yuan) as side_yuan
    from {{ ref('int_payment_batch__lines') }}
    union all
    select
        'returned_refunded' as step_code,
        'left' as side,
        sum(payment_yuan) as side_yuan
    from {{ ref('int_payments__latest') }}
    where not is_paid
),
steps as (
    select
        step_code,
        sum(left_yuan) as left_yuan,
        sum(right_yuan) as right_yuan
    from summed
    group by step_code
),
left_out as (
    select sides.step_code
    from sides
    left join steps on sides.step_code = steps.step_code
    where
        coalesce(sides.side_yuan, 0)
        <> coalesce(case when sides.side = 'left' then steps.left_yuan else steps.right_yuan end, 0)
)
select * from unexplained
union all
select * from left_out
