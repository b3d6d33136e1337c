{#- Half-open ranges of one key follow each other: none is empty, no two overlap, no day between two is left out. What
    fails is one row each, with the days concerned, for dbt/build.py to name. A key of no columns is one single series. -#}
{% test dated_ranges(model, key, valid_from, valid_to) %}
with
ranges as (
    select
        {% for column in key -%}
        '{{ column }}=' || coalesce(cast({{ column }} as varchar), '') {{ "|| '，' ||" if not loop.last }}
        {% else -%}
        '' {% endfor -%}
        as range_key,
        {{ valid_from }} as begins_on,
        {{ valid_to }} as ends_on,
        coalesce({{ valid_from }} < {{ valid_to }}, false) as is_sound
    from {{ model }}
),
reached as (
    select
        range_key,
        begins_on,
        ends_on,
        max(ends_on) over (
            partition by range_key order by begins_on, ends_on rows between unbounded preceding and 1 preceding
        ) as reached_on
    from ranges
    where is_sound
),
final as (
    select range_key, 'empty' as fault_code, begins_on as from_day, ends_on as to_day
    from ranges
    where not is_sound
    union all
    select range_key, 'hole' as fault_code, reached_on as from_day, begins_on as to_day
    from reached
    where begins_on > reached_on
    union all
    select
        range_key,
        'overlap' as fault_code,
        begins_on as from_day,
        case when ends_on < reached_on then ends_on else reached_on end as to_day
    from reached
    where begins_on < reached_on
)
select '{{ model.identifier }}' as seed_name, final.* from final
{% endtest %}
