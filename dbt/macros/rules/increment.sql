{#- Whether this build stands on the published one and adds what is new to it; dbt/build.py decides, and has a whole
    build run with --full-refresh. While dbt parses it is true: so all that a model may read is known, whole or not. -#}
{% macro is_increment() -%}{{ return(not execute or not flags.FULL_REFRESH) }}{%- endmacro %}

{#- The batches that this build adds to the published one. -#}
{% macro new_batches() -%}
    (select new_batches.batch_id from {{ source('landing', 'new_batches') }} as new_batches)
{%- endmacro %}

{#- The persons whose rows an increment makes anew. -#}
{% macro changed_persons() -%}
    (select changed.person_number from {{ ref('int_person__changed') }} as changed)
{%- endmacro %}

{#- A relation with person_number: in an increment only the rows of persons whose records changed. For tables that are
    kept for all others: materialized='incremental', pre_hook="{{ forget_changed_persons() }}". -#}
{% macro of_changed_persons(relation) -%}
    {%- if is_increment() -%}
    (select * from {{ relation }} where person_number in {{ changed_persons() }})
    {%- else -%}{{ relation }}{%- endif -%}
{%- endmacro %}

{#- Take away the rows of persons whose records changed: the model adds them anew. -#}
{% macro forget_changed_persons() -%}
    {%- if is_increment() -%}
    delete from {{ this }} where person_number in {{ changed_persons() }}
    {%- endif -%}
{%- endmacro %}

{#- Whether a row of a person's month is not among those kept: the person's records changed, or the month is new. -#}
{% macro is_added(person_number, month) -%}
    {%- if is_increment() -%}
    (
        {{ person_number }} in {{ changed_persons() }}
        or {{ month }} > (
            select coalesce(max(kept.liability_month), cast('1900-01-01' as date)) from {{ this }} as kept
        )
    )
    {%- else -%}true{%- endif -%}
{%- endmacro %}

{#- Whether a row of a person's month is compared with the levy plan anew: the person's records changed, lines of that
    month are planned or planned otherwise, or the month may not have been due for the build before. -#}
{% macro is_compared_anew(person_number, month) -%}
    {%- if is_increment() -%}
    (
        {{ person_number }} in {{ changed_persons() }}
        or {{ month }} in (
            select lines.liability_month
            from {{ ref('stg_tax_bureau__levy_plan_persons') }} as lines
            where (lines.settlement_slip_number, lines.person_number) in (
                select
                    renewed.settlement_slip_number,
                    renewed.person_number
                from {{ ref('stg_tax_bureau__levy_plan_persons') }} as renewed
                where renewed.batch_id in {{ new_batches() }}
            )
        )
        or {{ month }} >= (select {{ first_day_of_month('built.stands_on') }} from {{ source('landing', 'built') }} as built)
    )
    {%- else -%}true{%- endif -%}
{%- endmacro %}

{#- Take away what the levy plan is to be adjusted by where it is compared anew. -#}
{% macro forget_adjustments() -%}
    {%- if is_increment() -%}
    delete from {{ this }} where {{ is_compared_anew('person_number', 'liability_month') }}
    {%- endif -%}
{%- endmacro %}
