{#- The columns together name a row once, and none of them is null. `of_last` names a month, of which only the last is
    looked at: what is sent month by month was looked at when it was the last. -#}
{% test unique_key(model, columns, of_last=none) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
{%- if of_last %}
where {{ of_last }} = (select max(sent.{{ of_last }}) from {{ model }} as sent)
{%- endif %}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %} or {{ column }} is null{% endfor %}
{% endtest %}
