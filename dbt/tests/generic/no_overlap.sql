{#- Half-open ranges of one key do not overlap. -#}
{% test no_overlap(model, key, valid_from, valid_to) %}
with
neighbours as (
    select
        {{ key | join(', ') }},
        {{ valid_to }} as ends,
        lead({{ valid_from }}) over (
            partition by {{ key | join(', ') }}
            order by {{ valid_from }} nulls last, {{ valid_to }} nulls last
        ) as next_begins
    from {{ model }}
)
select * from neighbours
where next_begins < ends
{% endtest %}
