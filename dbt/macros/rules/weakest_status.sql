{#- The weakest of the statuses of the seed rows that a figure rests on: weakest_status('rates.status', 'bounds.status').
    assumed < secondary < official; a null is a row that was not used. -#}
{% macro weakest_status() -%}
    case
        {%- for status in ['assumed', 'secondary', 'official'] %}
        when '{{ status }}' in ({{ varargs | join(', ') }}) then '{{ status }}'
        {%- endfor %}
    end
{%- endmacro %}

{#- The same of the rows of a group. -#}
{% macro weakest_status_in_group(status) -%}
    case min(case {{ status }} when 'assumed' then 1 when 'secondary' then 2 when 'official' then 3 end)
        when 1 then 'assumed' when 2 then 'secondary' when 3 then 'official'
    end
{%- endmacro %}
