{#- Change against the same period of last year, as a fraction; null without one or when it was zero. -#}
{% macro change_rate(amount, same_period_amount) -%}
    {{ divide('(' ~ amount ~ ' - ' ~ same_period_amount ~ ')', same_period_amount, 6) }}
{%- endmacro %}
