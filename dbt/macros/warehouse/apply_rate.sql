{#- Amount x rate as money. The amount is widened first: decimal(18,2) x decimal(9,6) overflows on DuckDB at 10^10. -#}
{% macro apply_rate(amount, rate) %}{{ return(adapter.dispatch('apply_rate')(amount, rate)) }}{% endmacro %}

{% macro default__apply_rate(amount, rate) -%}
    cast(round(cast({{ amount }} as decimal(24, 2)) * cast({{ rate }} as decimal(9, 6)), 2) as decimal(18, 2))
{%- endmacro %}
