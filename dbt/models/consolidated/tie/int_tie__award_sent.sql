-- One row per person's benefit of a month not sent to the bank as awarded; matched ones are summed.
with
returned as (select payment_number from {{ ref('int_payments__latest') }} where not is_paid),
first_batch as (select min(batch_month) as first_month from {{ ref('int_payment_batch__lines') }}),
-- Every month since the first batch: one that was not sent at all is missed too.
months as (
    select ended.liability_month
    from {{ ref('int_periods__liability_months') }} as ended
    inner join first_batch on ended.liability_month >= first_batch.first_month
    union
    select batch_month as liability_month from {{ ref('int_payment_batch__lines') }}
),
awards as (
    select
        person_number,
        insurance_code,
        -- The two parts of a pension are paid as one.
        case when benefit_item_code in ('100011', '100021') then '100001' else benefit_item_code end as item_code,
        benefit_yuan,
        benefit_start_month,
        benefit_end_month,
        {{ place() }} as line_place
    from {{ ref('int_awards__latest') }}
),
left_side as (
    select
        awards.person_number || '-' || awards.insurance_code || '-' || awards.item_code || '-'
        || {{ month_text('months.liability_month') }} as item_key,
        months.liability_month as tie_month,
        awards.insurance_code,
        '' as unit_number,
        sum(awards.benefit_yuan) as side_yuan,
        months.liability_month as since_on,
        min(awards.line_place) as line_place
    from awards
    inner join months
        on {{ covers('awards.benefit_start_month', 'awards.benefit_end_month', 'months.liability_month') }}
    group by awards.person_number, awards.insurance_code, awards.item_code, months.liability_month
),
ranked as (
    select
        lines.*,
        returned.payment_number is not null as is_returned,
        row_number() over (
            partition by
                lines.person_number, lines.insurance_code, lines.benefit_item_code, lines.benefit_month
            order by lines.batch_month desc nulls last, lines.payment_number desc nulls last
        ) as last_rank
    from {{ ref('int_payment_batch__lines') }} as lines
    left join returned on lines.payment_number = returned.payment_number
),
right_side as (
    select
        person_number || '-' || insurance_code || '-' || benefit_item_code || '-'
        || {{ month_text('benefit_month') }} as item_key,
        max(batch_month) as tie_month,
        insurance_code,
        '' as unit_number,
        -- Whoever's payment came back is paid again: what came back before the last line does not count.
        sum(case when is_returned and last_rank > 1 then 0 else payment_yuan end) as side_yuan,
        min(pay_on) as since_on,
        min(case when last_rank = 1 then line_place end) as line_place,
        min(case when is_returned then 1 else 0 end) = 1 as is_all_returned
    from ranked
    group by person_number, insurance_code, benefit_item_code, benefit_month
),
{{ tied('award_sent', month_of='right', special="
            -- All came back: it is to be sent again.
            when right_side.is_all_returned then 'awaiting'") }}
