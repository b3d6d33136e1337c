-- One row per receipt that came after the due day: how late, how much of it was owed, and the surcharge (滞纳金) on it.
with
due_days as (select * from {{ ref('contribution_due_days') }}),
due_types as (select * from {{ ref('late_surcharge_due_types') }}),
surcharge_rates as (select * from {{ ref('late_surcharge_rates') }}),
-- Few months have a late receipt; only their receipts are put in order.
late_months as (
    select distinct
        receipts.person_number,
        receipts.insurance_code,
        receipts.liability_month,
        -- A due day that the month does not have is its last day.
        least(
            receipts.liability_month + due_days.due_day - 1,
            {{ add_months('receipts.liability_month', 1) }} - 1
        ) as due_on,
        due_days.status as due_day_status
    from {{ ref('int_receipts__effective') }} as receipts
    inner join due_days
        on receipts.insurance_code = due_days.insurance_code
        and receipts.liability_month >= due_days.valid_from
        and receipts.liability_month < due_days.valid_to
    where receipts.received_on > least(
        receipts.liability_month + due_days.due_day - 1,
        {{ add_months('receipts.liability_month', 1) }} - 1
    )
),
running as (
    select
        receipts.receipt_number,
        receipts.person_number,
        receipts.insurance_code,
        receipts.liability_month,
        receipts.unit_number,
        receipts.due_type_code,
        receipts.received_on,
        receipts.unit_paid_yuan,
        receipts.person_paid_yuan,
        coalesce(sum(receipts.unit_paid_yuan) over (
            partition by receipts.person_number, receipts.insurance_code, receipts.liability_month
            order by receipts.received_on nulls last, receipts.receipt_number nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as unit_paid_before_yuan,
        coalesce(sum(receipts.person_paid_yuan) over (
            partition by receipts.person_number, receipts.insurance_code, receipts.liability_month
            order by receipts.received_on nulls last, receipts.receipt_number nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as person_paid_before_yuan,
        late_months.due_on,
        late_months.due_day_status,
        receipts.batch_id,
        receipts.source_line
    from {{ ref('int_receipts__effective') }} as receipts
    inner join late_months
        on receipts.person_number = late_months.person_number
        and receipts.insurance_code = late_months.insurance_code
        and receipts.liability_month = late_months.liability_month
),
late as (
    select
        running.*,
        -- What is paid beyond what was owed is not late.
        greatest(least(running.unit_paid_yuan, due.unit_due_yuan - running.unit_paid_before_yuan), 0)
            as unit_late_yuan,
        greatest(least(running.person_paid_yuan, due.person_due_yuan - running.person_paid_before_yuan), 0)
            as person_late_yuan,
        {{ weakest_status('due.rule_status', 'running.due_day_status', 'due_types.status') }} as late_status
    from running
    inner join {{ ref('int_levy__2_due') }} as due
        on running.person_number = due.person_number
        and running.insurance_code = due.insurance_code
        and running.liability_month = due.liability_month
        and due.unit_due_yuan is not null
    inner join due_types
        on running.due_type_code = due_types.due_type_code
        and running.received_on >= due_types.valid_from
        and running.received_on < due_types.valid_to
        and due_types.bears_surcharge
    where running.received_on > running.due_on
),
-- The days from the day after the due day to the day of receipt, each at the rate of its day.
rated as (
    select
        late.receipt_number,
        sum(
            cast(
                least(late.received_on + 1, surcharge_rates.valid_to)
                - greatest(late.due_on + 1, surcharge_rates.valid_from) as integer
            )
        ) as late_day_count,
        sum(
            cast(
                least(late.received_on + 1, surcharge_rates.valid_to)
                - greatest(late.due_on + 1, surcharge_rates.valid_from) as integer
            ) * surcharge_rates.daily_rate
        ) as rate_of_all_days,
        min(surcharge_rates.status) as first_status,
        max(surcharge_rates.status) as last_status
    from late
    inner join surcharge_rates
        on late.insurance_code = surcharge_rates.insurance_code
        and late.received_on >= surcharge_rates.valid_from
        and late.due_on + 1 < surcharge_rates.valid_to
    group by late.receipt_number
),
final as (
    select
        late.receipt_number,
        late.person_number,
        late.insurance_code,
        late.liability_month,
        late.unit_number,
        late.due_on,
        late.received_on,
        cast(rated.late_day_count as integer) as late_day_count,
        {{ yuan('late.unit_late_yuan') }} as unit_late_yuan,
        {{ yuan('late.person_late_yuan') }} as person_late_yuan,
        {{ apply_rate('late.unit_late_yuan + late.person_late_yuan', 'rated.rate_of_all_days') }}
            as late_surcharge_yuan,
        {{ weakest_status('late.late_status', 'rated.first_status', 'rated.last_status') }} as rule_status,
        late.batch_id,
        late.source_line
    from late
    inner join rated on late.receipt_number = rated.receipt_number
    where late.unit_late_yuan + late.person_late_yuan > 0
)
select * from final
