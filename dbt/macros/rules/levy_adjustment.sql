{#- Whether a line of a plan or of dues is compared in this build: all in a whole build; in an increment those of persons
    whose records changed, and those of months that a new batch plans. -#}
{% macro is_compared() -%}
    {%- if is_increment() -%}
    (
        person_number in (select changed.person_number from {{ ref('int_person__changed') }} as changed)
        or liability_month in (
            select planned.liability_month from {{ ref('int_levy_plan__persons') }} as planned
            where planned.batch_id in {{ new_batches() }}
        )
    )
    {%- else -%}true{%- endif -%}
{%- endmacro %}

{#- Take away the adjustments that are compared again. -#}
{% macro forget_compared() -%}
    {%- if is_increment() -%}delete from {{ this }} where {{ is_compared() }}{%- endif -%}
{%- endmacro %}
