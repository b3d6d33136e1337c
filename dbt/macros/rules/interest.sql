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

{#- Interest on a year of equal monthly bookings and payments by the annual method (劳办发〔1997〕116号 annex 3), rounded
    once: bookings earn `share` of a year's interest (1.083 x 1/2), payments lose the rest of it. -#}
{% macro interest_on_equal_months(booked, paid, rate, share) -%}
    cast(round(
        (
            cast({{ booked }} as decimal(20, 2)) * cast({{ share }} as decimal(7, 4))
            - cast({{ paid }} as decimal(20, 2)) * (1 - cast({{ share }} as decimal(7, 4)))
        ) * cast({{ rate }} as decimal(9, 6)),
        2
    ) as decimal(18, 2))
{%- endmacro %}

{#- Interest of an account year on what moved in it, by the method of its scheme and year. -#}
{% macro interest_on_current(rate) -%}
    case
        when equal_booking_share is null then {{ interest_on_month_product('month_product_yuan', rate) }}
        else {{ interest_on_equal_months('principal_credited_yuan', 'account_outflow_yuan', rate, 'equal_booking_share') }}
    end
{%- endmacro %}

{#- Interest of an account year on its opening balance. -#}
{% macro interest_on_opening(rate) -%}
    {{ interest_on_month_product('opening_balance_yuan * interest_month_count', rate) }}
{%- endmacro %}
