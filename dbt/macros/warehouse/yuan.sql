{#- Money as decimal(18,2), rounded half away from zero. -#}
{% macro yuan(amount) %}{{ return(adapter.dispatch('yuan')(amount)) }}{% endmacro %}

{% macro default__yuan(amount) -%}
    cast(round(cast({{ amount }} as decimal(24, 6)), 2) as decimal(18, 2))
{%- endmacro %}
