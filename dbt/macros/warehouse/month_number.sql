{#- The month of a date within its year, 1 to 12, as integer. -#}
{% macro month_number(day) %}{{ return(adapter.dispatch('month_number')(day)) }}{% endmacro %}

{% macro default__month_number(day) -%}
    cast(extract(month from {{ day }}) as integer)
{%- endmacro %}
