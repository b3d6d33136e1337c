{#- Spells of months, both ends inclusive and an open end null, do not share a month within a key. -#}
{% test months_do_not_overlap(model, key, start_month, end_month) %}
with
neighbours as (
    select
        {{ key | join(', ') }},
        {{ start_month }} as begins,
        {{ end_month }} as ends,
        lead({{ start_month }}) over (
            partition by {{ key | join(', ') }}
            order by {{ start_month }} nulls last, {{ end_month }} nulls last
        ) as next_begins
    from {{ model }}
)
select * from neighbours
where next_begins <= ends or (next_begins is not null and ends is null) or ends < begins
{% endtest %}
