{#- Where a line stands, as one text that orders: batch, then line. `min` of it is the first line of a group. -#}
{% macro place(batch_id='batch_id', source_line='source_line') -%}
    {{ batch_id }} || '-' || lpad(cast({{ source_line }} as varchar), 10, '0')
{%- endmacro %}

{#- A day as YYYYMMDD, a month as YYYYMM. -#}
{% macro day_text(day) -%}replace(cast({{ day }} as varchar), '-', ''){%- endmacro %}
{% macro month_text(month) -%}substr({{ day_text(month) }}, 1, 6){%- endmacro %}

{#- The first month that has not ended by as_of: in it the other side's file may still come. -#}
{% macro first_open_month() -%}
    {%- set day_after = modules.datetime.date.fromisoformat(as_of_text()) + modules.datetime.timedelta(days=1) -%}
    cast('{{ day_after.replace(day=1).isoformat() }}' as date)
{%- endmacro %}

{#- The rest of a step's model, after the CTEs left_side and right_side. Both have one row per item_key, with tie_month,
    insurance_code, unit_number, side_yuan, since_on, line_place. Nothing and 0.00 are the same. `special` gives outcomes
    of a step's own before the general ones; the item's month is that of the side `month_of`, where there is one. -#}
{% macro tied(step_code, special='', month_of='left') -%}
{%- set other = 'right' if month_of == 'left' else 'left' -%}
judged as (
    select
        coalesce(left_side.item_key, right_side.item_key) as item_key,
        coalesce({{ month_of }}_side.tie_month, {{ other }}_side.tie_month) as tie_month,
        coalesce(left_side.insurance_code, right_side.insurance_code) as insurance_code,
        coalesce(left_side.unit_number, right_side.unit_number, '') as unit_number,
        coalesce(left_side.since_on, right_side.since_on) as since_on,
        coalesce(left_side.side_yuan, 0) as left_yuan,
        coalesce(right_side.side_yuan, 0) as right_yuan,
        left_side.line_place as left_place,
        right_side.line_place as right_place,
        case
            {{ special }}
            when coalesce(left_side.side_yuan, 0) = coalesce(right_side.side_yuan, 0) then 'matched'
            when left_side.item_key is not null and right_side.item_key is not null then 'differs'
            when coalesce({{ month_of }}_side.tie_month, {{ other }}_side.tie_month) >= {{ first_open_month() }}
                then 'awaiting'
            when right_side.item_key is null then 'left_only'
            else 'right_only'
        end as outcome_code
    from left_side
    full join right_side on left_side.item_key = right_side.item_key
),
{{ items_of(step_code, 'judged') }}
{%- endmacro %}

{#- What every step's model gives: one row per item that is not matched, and one per month, scheme and unit for those
    that are. `judged` names a CTE of items with outcome_code. -#}
{% macro items_of(step_code, judged) -%}
named as (
    select
        {{ judged }}.*,
        case when outcome_code = 'matched' then '' else item_key end as kept_key
    from {{ judged }}
),
final as (
    select
        '{{ step_code }}' as step_code,
        tie_month,
        insurance_code,
        unit_number,
        kept_key as item_key,
        outcome_code,
        cast(count(*) as integer) as item_count,
        {{ yuan('sum(left_yuan)') }} as left_yuan,
        {{ yuan('sum(right_yuan)') }} as right_yuan,
        min(case when outcome_code <> 'matched' then since_on end) as since_on,
        min(case when outcome_code <> 'matched' then left_place end) as left_place,
        min(case when outcome_code <> 'matched' then right_place end) as right_place
    from named
    group by tie_month, insurance_code, unit_number, kept_key, outcome_code
)
select * from final
{%- endmacro %}
