-- One row per person, scheme and liability month due or paid, with the day it was made good (step 3 of 3).
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ reopen_settlements() }}") }}
-- depends_on: {{ ref('int_person__changed') }}, {{ ref('int_receipts__deduplicated') }}
-- depends_on: {{ source('landing', 'new_batches') }}
with
{% if is_increment() -%}
-- Who has rows keeps them, and only later months are new; whose rows were taken away is settled from the beginning.
kept as (
    select
        person_number,
        insurance_code,
        max(liability_month) as last_month
    from {{ this }}
    group by person_number, insurance_code
),
{%- endif %}
due as (
    select due.*
    from {{ ref('int_levy__2_due') }} as due
    {%- if is_increment() %}
    left join kept on due.person_number = kept.person_number and due.insurance_code = kept.insurance_code
    {%- endif %}
    where
        due.liability_month in (
            select months.liability_month from {{ ref('int_periods__liability_months') }} as months
        )
        {%- if is_increment() %}
        and (kept.last_month is null or due.liability_month > {{ last_settled_month() }})
        {%- endif %}
),
receipts as (
    select receipts.*
    from {{ ref('int_receipts__effective') }} as receipts
    {%- if is_increment() %}
    left join kept on receipts.person_number = kept.person_number and receipts.insurance_code = kept.insurance_code
    where kept.last_month is null or receipts.liability_month > {{ last_settled_month() }}
    {%- endif %}
),
received as (
    select
        person_number,
        insurance_code,
        liability_month,
        max(unit_number) as unit_number,
        sum(unit_paid_yuan) as unit_paid_yuan,
        sum(person_paid_yuan) as person_paid_yuan,
        cast(count(*) as integer) as receipt_count,
        min(received_on) as first_received_on,
        max(received_on) as last_received_on
    from receipts
    group by person_number, insurance_code, liability_month
),
months as (
    select
        coalesce(due.person_number, received.person_number) as person_number,
        coalesce(due.insurance_code, received.insurance_code) as insurance_code,
        coalesce(due.liability_month, received.liability_month) as liability_month,
        coalesce(due.unit_number, received.unit_number) as unit_number,
        due.contribution_base_yuan,
        due.unit_due_yuan,
        due.person_due_yuan,
        due.account_credit_yuan,
        due.rule_status,
        {{ yuan('coalesce(received.unit_paid_yuan, 0)') }} as unit_paid_yuan,
        {{ yuan('coalesce(received.person_paid_yuan, 0)') }} as person_paid_yuan,
        coalesce(received.receipt_count, 0) as receipt_count,
        received.last_received_on,
        case
            when received.unit_paid_yuan = due.unit_due_yuan
                and received.person_paid_yuan = due.person_due_yuan
                and {{ first_day_of_month('received.first_received_on') }} = due.liability_month
                and {{ first_day_of_month('received.last_received_on') }} = due.liability_month
                then 0
            else 1
        end as is_irregular,
        due.batch_id,
        due.source_line
    from due
    full join received
        on due.person_number = received.person_number
        and due.insurance_code = received.insurance_code
        and due.liability_month = received.liability_month
),
-- Whoever paid each month exactly within it has paid the oldest first. All others are allocated in their order.
irregular as (
    select
        person_number,
        insurance_code
    from months
    where unit_due_yuan is not null
    group by person_number, insurance_code
    having max(is_irregular) = 1
),
dues as (
    select
        months.person_number,
        months.insurance_code,
        months.liability_month,
        row_number() over (
            partition by months.person_number, months.insurance_code order by months.liability_month nulls last
        ) as due_rank,
        sum(months.unit_due_yuan) over (
            partition by months.person_number, months.insurance_code order by months.liability_month nulls last
            rows between unbounded preceding and current row
        ) as unit_due_so_far_yuan,
        sum(months.person_due_yuan) over (
            partition by months.person_number, months.insurance_code order by months.liability_month nulls last
            rows between unbounded preceding and current row
        ) as person_due_so_far_yuan
    from months
    inner join irregular
        on months.person_number = irregular.person_number
        and months.insurance_code = irregular.insurance_code
    where months.unit_due_yuan is not null
),
received_by_day as (
    select
        receipts.person_number,
        receipts.insurance_code,
        receipts.received_on,
        sum(receipts.unit_paid_yuan) as unit_paid_yuan,
        sum(receipts.person_paid_yuan) as person_paid_yuan
    from receipts
    inner join dues
        on receipts.person_number = dues.person_number
        and receipts.insurance_code = dues.insurance_code
        and receipts.liability_month = dues.liability_month
    group by receipts.person_number, receipts.insurance_code, receipts.received_on
),
days as (
    select
        person_number,
        insurance_code,
        received_on,
        sum(unit_paid_yuan) over (
            partition by person_number, insurance_code order by received_on nulls last
            rows between unbounded preceding and current row
        ) as unit_paid_so_far_yuan,
        sum(person_paid_yuan) over (
            partition by person_number, insurance_code order by received_on nulls last
            rows between unbounded preceding and current row
        ) as person_paid_so_far_yuan
    from received_by_day
),
-- Dues and days on one line of money: a day covers as many months as dues lie at or below it.
{%- for payer in ['unit', 'person'] %}
{{ payer }}_line as (
    select
        person_number,
        insurance_code,
        {{ payer }}_due_so_far_yuan as so_far_yuan,
        0 as is_day,
        cast(null as date) as received_on
    from dues
    union all
    select
        person_number,
        insurance_code,
        {{ payer }}_paid_so_far_yuan as so_far_yuan,
        1 as is_day,
        received_on
    from days
),
{{ payer }}_covered as (
    select
        person_number,
        insurance_code,
        received_on,
        sum(1 - is_day) over (
            partition by person_number, insurance_code
            order by so_far_yuan nulls last, is_day nulls last, received_on nulls last
            rows between unbounded preceding and current row
        ) as month_count
    from {{ payer }}_line
),
{%- endfor %}
covered as (
    select
        unit_covered.person_number,
        unit_covered.insurance_code,
        unit_covered.received_on,
        least(unit_covered.month_count, person_covered.month_count) as month_count
    from unit_covered
    inner join person_covered
        on unit_covered.person_number = person_covered.person_number
        and unit_covered.insurance_code = person_covered.insurance_code
        and unit_covered.received_on = person_covered.received_on
),
-- A month is booked on the first day that covers as many months as its rank, or more.
ranked as (
    select
        person_number,
        insurance_code,
        due_rank as month_count,
        1 as is_due,
        liability_month,
        cast(null as date) as received_on
    from dues
    union all
    select
        person_number,
        insurance_code,
        month_count,
        0 as is_due,
        cast(null as date) as liability_month,
        received_on
    from covered
),
booked as (
    select
        person_number,
        insurance_code,
        liability_month,
        min(received_on) over (
            partition by person_number, insurance_code
            order by month_count desc nulls last, is_due nulls last, received_on nulls last
            rows between unbounded preceding and current row
        ) as booked_on
    from ranked
),
totals as (
    select
        person_number,
        insurance_code,
        sum(unit_paid_yuan) as unit_paid_yuan,
        sum(person_paid_yuan) as person_paid_yuan
    from received_by_day
    group by person_number, insurance_code
),
allocated as (
    select
        dues.person_number,
        dues.insurance_code,
        dues.liability_month,
        booked.booked_on,
        coalesce(totals.unit_paid_yuan, 0) - dues.unit_due_so_far_yuan as unit_beyond_yuan,
        coalesce(totals.person_paid_yuan, 0) - dues.person_due_so_far_yuan as person_beyond_yuan
    from dues
    inner join booked
        on dues.person_number = booked.person_number
        and dues.insurance_code = booked.insurance_code
        and dues.liability_month = booked.liability_month
    left join totals
        on dues.person_number = totals.person_number
        and dues.insurance_code = totals.insurance_code
),
final as (
    select
        months.person_number,
        months.insurance_code,
        months.liability_month,
        months.unit_number,
        months.contribution_base_yuan,
        months.unit_due_yuan,
        months.person_due_yuan,
        months.account_credit_yuan,
        months.rule_status,
        months.unit_paid_yuan,
        months.person_paid_yuan,
        {%- for payer in ['unit', 'person'] %}
        {{ yuan(
            'case when allocated.liability_month is null then months.' ~ payer ~ '_due_yuan else least(greatest('
            ~ 'months.' ~ payer ~ '_due_yuan + least(allocated.' ~ payer ~ '_beyond_yuan, 0), 0), months.' ~ payer
            ~ '_due_yuan) end'
        ) }} as {{ payer }}_allocated_yuan,
        {%- endfor %}
        months.receipt_count,
        case
            when allocated.liability_month is not null then allocated.booked_on
            when months.is_irregular = 0 then months.last_received_on
        end as booked_on,
        months.batch_id,
        months.source_line
    from months
    left join allocated
        on months.person_number = allocated.person_number
        and months.insurance_code = allocated.insurance_code
        and months.liability_month = allocated.liability_month
)
select * from final
