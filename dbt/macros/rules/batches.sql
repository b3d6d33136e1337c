{#- Landed rows of the current batches of a feed, with what orders them in time. -#}
{% macro current_rows(source_name, feed_name) -%}
    select
        landed.*,
        batches.period_code,
        batches.sequence_number,
        batches.profile_name
    from {{ source(source_name, feed_name) }} as landed
    inner join {{ ref('stg_landing__current_batches') }} as batches on landed.batch_id = batches.batch_id
{%- endmacro %}

{#- The last ('desc') or first ('asc') record of each key in the order the files were made. -#}
{% macro one_row_per_key(relation, key, direction) -%}
    select * from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by
                    period_code {{ direction }} nulls last,
                    sequence_number {{ direction }} nulls last,
                    batch_id {{ direction }} nulls last,
                    source_line {{ direction }} nulls last
            ) as record_rank
        from {{ relation }}
    ) as ranked
    where record_rank = 1
{%- endmacro %}
