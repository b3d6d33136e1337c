-- One row per item that two sides of the exchange do not show alike: which, how much, since when, and in which lines.
with
items as (select * from {{ ref('int_tie__all') }} where outcome_code <> 'matched'),
final as (
    select
        step_code,
        tie_month,
        insurance_code,
        nullif(unit_number, '') as unit_number,
        item_key,
        outcome_code,
        left_yuan,
        right_yuan,
        {{ yuan('right_yuan - left_yuan') }} as difference_yuan,
        since_on,
        cast(case when since_on < {{ as_of() }} then {{ as_of() }} - since_on else 0 end as integer) as age_day_count,
        cast(substr(left_place, 1, 20) as varchar) as left_batch_id,
        cast(substr(left_place, 22, 10) as bigint) as left_source_line,
        cast(substr(right_place, 1, 20) as varchar) as right_batch_id,
        cast(substr(right_place, 22, 10) as bigint) as right_source_line
    from items
)
select * from final
