-- Bills of which the fact does not have the amount sent last, or that it has not at all.
with
sent as (
    select
        settlement_number,
        billed_yuan,
        row_number() over (
            partition by settlement_number
            order by
                period_code desc nulls last,
                sequence_number desc nulls last,
                batch_id desc nulls last,
                source_line desc nulls last
        ) as record_rank
    from {{ ref('stg_work_injury_providers__post_paid_settlements') }}
),
latest as (select * from sent where record_rank = 1),
settlements as (select * from {{ ref('fct_work_injury_settlement') }})
select
    latest.settlement_number,
    latest.billed_yuan,
    settlements.billed_yuan as settlement_yuan
from latest
full outer join settlements on latest.settlement_number = settlements.settlement_number
where latest.billed_yuan is null or settlements.billed_yuan is null or latest.billed_yuan <> settlements.billed_yuan
