{#- The day the figures are made for. -#}
{% macro as_of() -%}cast('{{ var("as_of") }}' as date){%- endmacro %}
