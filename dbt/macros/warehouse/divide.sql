{#- Exact quotient of two decimals of at most 8 places, rounded half away from zero; null when the divisor is zero. -#}
{% macro divide(numerator, divisor, places) %}
    {{ return(adapter.dispatch('divide')(numerator, divisor, places)) }}
{% endmacro %}

{#- 16 places keep every tie apart from its neighbours. -#}
{% macro default__divide(numerator, divisor, places) -%}
    cast(round(cast({{ numerator }} as decimal(38, 16)) / nullif({{ divisor }}, 0), {{ places }})
        as decimal(18, {{ places }}))
{%- endmacro %}

{#- DuckDB divides decimals as DOUBLE: divide whole ticks of 10^-8 instead. -#}
{% macro duckdb__divide(numerator, divisor, places) -%}
    {%- set numerator_ticks = 'cast(cast(' ~ numerator ~ ' as decimal(38, 8)) * 100000000 as hugeint)' -%}
    {%- set divisor_ticks = 'cast(cast(' ~ divisor ~ ' as decimal(38, 8)) * 100000000 as hugeint)' -%}
    cast(
        cast(
            case when ({{ numerator }} < 0) = ({{ divisor }} < 0) then 1 else -1 end
            * ((2 * abs({{ numerator_ticks }}) * {{ 10 ** places }} + abs({{ divisor_ticks }}))
                // nullif(2 * abs({{ divisor_ticks }}), 0))
            as decimal(38, 0)
        ) * cast({{ '0.' ~ '0' * (places - 1) ~ '1' }} as decimal({{ places + 1 }}, {{ places }}))
        as decimal(18, {{ places }})
    )
{%- endmacro %}
