{#- Where a line stands, as one text that orders: batch, then line. `min` of it is the first line of a group. -#}
{% macro place(batch_id='batch_id', source_line='source_line') -%}
    {{ batch_id }} || '-' || lpad(cast({{ source_line }} as varchar), 10, '0')
{%- endmacro %}

{#- A day as YYYYMMDD, a month as YYYYMM. -#}
{% macro day_text(day) -%}replace(cast({{ day }} as varchar), '-', ''){%- endmacro %}
{% macro month_text(month) -%}substr({{ day_text(month) }}, 1, 6){%- endmacro %}

{#- The rest of a step's model, after the CTEs left_side and right_side: one row per item that is not matched, and one
    per month, scheme and unit for those that are. Both sides have one row per item_key, with tie_month, insurance_code,
    unit_number, side_yuan, since_on, line_place. Nothing and 0.00 are the same. `otherwise` names outcomes of a step's own. -#}
{% macro tied(step_code, otherwise='') -%}
joined as (
    select
        left_side.item_key as left_key,
        right_side.item_key as right_key,
        coalesce(left_side.item_key, right_side.item_key) as item_key,
        coalesce(left_side.tie_month, right_side.tie_month) as tie_month,
        coalesce(left_side.insurance_code, right_side.insurance_code) as insurance_code,
        coalesce(left_side.unit_number, right_side.unit_number, '') as unit_number,
        coalesce(left_side.since_on, right_side.since_on) as since_on,
        coalesce(left_side.side_yuan, 0) as left_yuan,
        coalesce(right_side.side_yuan, 0) as right_yuan,
        left_side.line_place as left_place,
        right_side.line_place as right_place
    from left_side
    full join right_side on left_side.item_key = right_side.item_key
),
judged as (
    select
        joined.*,
        case
            {{ otherwise }}
            when left_yuan = right_yuan then 'matched'
            when right_key is null then 'left_only'
            when left_key is null then 'right_only'
            else 'differs'
        end as outcome_code
    from joined
),
final as (
    select
        '{{ step_code }}' as step_code,
        tie_month,
        insurance_code,
        unit_number,
        '' as item_key,
        'matched' as outcome_code,
        cast(count(*) as integer) as item_count,
        {{ yuan('sum(left_yuan)') }} as left_yuan,
        {{ yuan('sum(right_yuan)') }} as right_yuan,
        cast(null as date) as since_on,
        cast(null as varchar) as left_place,
        cast(null as varchar) as right_place
    from judged
    where outcome_code = 'matched'
    group by tie_month, insurance_code, unit_number
    union all
    select
        '{{ step_code }}' as step_code,
        tie_month,
        insurance_code,
        unit_number,
        item_key,
        outcome_code,
        1 as item_count,
        {{ yuan('left_yuan') }} as left_yuan,
        {{ yuan('right_yuan') }} as right_yuan,
        since_on,
        left_place,
        right_place
    from judged
    where outcome_code <> 'matched'
)
select * from final
{%- endmacro %}
