{#- The month of a day, as the date of its first day. -#}
{% macro first_day_of_month(day) %}{{ return(adapter.dispatch('first_day_of_month')(day)) }}{% endmacro %}

{% macro default__first_day_of_month(day) -%}
    cast(date_trunc('month', cast({{ day }} as timestamp)) as date)
{%- endmacro %}
