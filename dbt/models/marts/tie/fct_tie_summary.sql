-- One row per step, month, scheme and unit: what both sides add to, and how much of it is matched.
with
items as (select * from {{ ref('int_tie__all') }}),
final as (
    select
        step_code,
        tie_month,
        insurance_code,
        unit_number,
        cast(sum(case when outcome_code = 'matched' then item_count else 0 end) as integer) as matched_count,
        {{ yuan("sum(case when outcome_code = 'matched' then left_yuan else 0 end)") }} as matched_yuan,
        cast(
            sum(case when outcome_code in ('differs', 'left_only', 'right_only') then item_count else 0 end) as integer
        ) as unmatched_count,
        cast(sum(case when outcome_code = 'awaiting' then item_count else 0 end) as integer) as awaiting_count,
        {{ yuan("sum(case when outcome_code = 'owed' then left_yuan - right_yuan else 0 end)") }} as owed_yuan,
        {{ yuan('sum(left_yuan)') }} as left_yuan,
        {{ yuan('sum(right_yuan)') }} as right_yuan
    from items
    group by step_code, tie_month, insurance_code, unit_number
)
select * from final
