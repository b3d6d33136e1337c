{#- A statement is true of every row; a row for which it is unknown fails as well. -#}
{% test holds(model, statement) %}
select * from {{ model }}
where case when {{ statement }} then 0 else 1 end = 1
{% endtest %}
