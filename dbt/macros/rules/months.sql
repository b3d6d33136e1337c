{#- Whether a spell or award covers a month; both ends inclusive, an open end is null. -#}
{% macro covers(start_month, end_month, month) -%}
    ({{ start_month }} <= {{ month }} and ({{ end_month }} is null or {{ end_month }} >= {{ month }}))
{%- endmacro %}

{#- First day of the month a monthly batch is about (YYYYMM). -#}
{% macro month_of_period(period_code) -%}
    cast(substr({{ period_code }}, 1, 4) || '-' || substr({{ period_code }}, 5, 2) || '-01' as date)
{%- endmacro %}
