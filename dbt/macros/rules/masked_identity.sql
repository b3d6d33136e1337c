{#- An identity number with its birth date and more hidden: first 6 and last 4 characters stay. -#}
{% macro masked_identity(identity_number) -%}
    substr({{ identity_number }}, 1, 6) || '********' || substr({{ identity_number }}, length({{ identity_number }}) - 3, 4)
{%- endmacro %}
