{#- The columns together name a row once, and none of them is null. An increment looks at what it can have made double:
    of a table that grows by `batch_id`, the keys of new batches; by a month, the last one. -#}
{% test unique_key(model, columns, grows_by=none) %}
{%- set key = columns | join(', ') %}
select
    {{ key }},
    count(*) as row_count
from {{ model }}
{%- if is_increment() and grows_by == 'batch_id' %}
where ({{ key }}) in (select {{ key }} from {{ model }} where batch_id in {{ new_batches() }})
{%- elif is_increment() and grows_by %}
where {{ grows_by }} = (select max({{ grows_by }}) from {{ model }})
{%- endif %}
group by {{ key }}
having
    count(*) > 1
    {%- for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
