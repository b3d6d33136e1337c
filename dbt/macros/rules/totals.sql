{#- Codes of a row made by `group by ..., cube (insurance_code, prefecture_code)`: 000 and 0000 where the part is summed. -#}
{% macro scheme_or_total(column='insurance_code') -%}
    case when grouping({{ column }}) = 1 then '000' else {{ column }} end
{%- endmacro %}

{% macro prefecture_or_total(column='prefecture_code') -%}
    case when grouping({{ column }}) = 1 then '0000' else {{ column }} end
{%- endmacro %}
