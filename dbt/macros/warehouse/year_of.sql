{#- The year of a date, as integer. -#}
{% macro year_of(day) %}{{ return(adapter.dispatch('year_of')(day)) }}{% endmacro %}

{% macro default__year_of(day) -%}
    cast(extract(year from {{ day }}) as integer)
{%- endmacro %}
