{#- A value says where it comes from: read in the document, quoted by a secondary source, or assumed. -#}
{% test source_status(model, column_name) %}
select * from {{ model }}
where {{ column_name }} is null or {{ column_name }} not in ('official', 'secondary', 'assumed')
{% endtest %}
