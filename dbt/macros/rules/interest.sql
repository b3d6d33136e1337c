{#- Months an amount booked in month n earns interest in a year whose interest ends with month k. -#}
{% macro interest_months(last_month_number, booked_month_number) -%}
    greatest({{ last_month_number }} - {{ booked_month_number }} + 1, 0)
{%- endmacro %}

{#- Interest on a month product (sum of amount x months) at a yearly rate: I = M x r / 12, rounded once. -#}
{% macro interest_on_month_product(month_product, rate) -%}
    {{ divide(
        'cast(' ~ month_product ~ ' as decimal(24, 2)) * cast(' ~ rate ~ ' as decimal(9, 6))', '12', 2
    ) }}
{%- endmacro %}
