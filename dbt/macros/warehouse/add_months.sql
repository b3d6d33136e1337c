{#- A month moved by a number of months; both are first days of months. -#}
{% macro add_months(month, month_count) %}{{ return(adapter.dispatch('add_months')(month, month_count)) }}{% endmacro %}

{% macro default__add_months(month, month_count) -%}
    cast({{ month }} + {{ month_count }} * interval '1 month' as date)
{%- endmacro %}
