{#- Within a period, the schemes add to 000, and the prefectures to 0000 unless the table has none. -#}
{% test parts_add_to_totals(model, columns, prefectures=true) %}
{%- set by_scheme = 'period_code' ~ (', prefecture_code' if prefectures else '') %}
with
sums as (
    select
        {{ by_scheme }}{% for column in columns %},
        sum(case when insurance_code = '000' then {{ column }} else -{{ column }} end) as difference_{{ loop.index }}
        {%- endfor %}
    from {{ model }}
    group by {{ by_scheme }}
    {%- if prefectures %}
    union all
    select
        period_code,
        insurance_code{% for column in columns %},
        sum(case when prefecture_code = '0000' then {{ column }} else -{{ column }} end) as difference_{{ loop.index }}
        {%- endfor %}
    from {{ model }}
    group by period_code, insurance_code
    {%- endif %}
)
select * from sums
where {% for column in columns %}difference_{{ loop.index }} <> 0{{ ' or ' if not loop.last }}{% endfor %}
{% endtest %}
