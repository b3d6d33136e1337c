{#- What a personal account holds at the end of a year (GB/T 40217-2021, table 6). -#}
{% macro closing_balance(opening, principal, interest, outflow) -%}
    {{ yuan(opening ~ ' + ' ~ principal ~ ' + ' ~ interest ~ ' - ' ~ outflow) }}
{%- endmacro %}
