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

{#- Whether what is due of a person's month is compared with the levy plan anew: the person's records changed, its lines
    are planned or planned otherwise, all of the month is, or it may not have been due for the build before. -#}
{% macro is_compared_anew(lines) -%}
    {%- if is_increment() -%}
    (
        {{ lines }}.person_number in {{ changed_persons() }}
        or ({{ lines }}.person_number, {{ lines }}.insurance_code, {{ lines }}.liability_month) in {{ renewed_months() }}
        or {{ lines }}.liability_month in (
            select renewed.liability_month from {{ ref('int_tie__renewed') }} as renewed where renewed.is_whole_month
        )
        or {{ lines }}.liability_month >= (
            select {{ first_day_of_month('built.stands_on') }} from {{ source('landing', 'built') }} as built
        )
    )
    {%- else -%}true{%- endif -%}
{%- endmacro %}

{#- Take away what the levy plan is to be adjusted by where it is compared anew. -#}
{% macro forget_adjustments() -%}
    {%- if is_increment() -%}
    delete from {{ this }} as adjusted where {{ is_compared_anew('adjusted') }}
    {%- endif -%}
{%- endmacro %}

{#- Whether the month of a person and scheme, planned or received, is tied anew: lines or receipts of it came, or it lies
    before the months that were tied, since what was due before the first plan is not. -#}
{% macro is_tied_anew(lines) -%}
    {%- if is_increment() -%}
    (
        ({{ lines }}.person_number, {{ lines }}.insurance_code, {{ lines }}.liability_month) in {{ renewed_months() }}
        or {{ lines }}.liability_month < (
            select coalesce(min(kept.liability_month), cast('9999-12-31' as date)) from {{ this }} as kept
        )
    )
    {%- else -%}true{%- endif -%}
{%- endmacro %}

{#- Take away the months that are tied anew, and those before the first plan, should it begin later now. -#}
{% macro forget_tied() -%}
    {%- if is_increment() -%}
    delete from {{ this }} as tied
    where
        {{ is_tied_anew('tied') }}
        or tied.liability_month < (select min(plans.liability_month) from {{ ref('int_levy_plan__persons') }} as plans)
    {%- endif -%}
{%- endmacro %}

{#- The months of persons and schemes of which an increment brings lines or receipts. -#}
{% macro renewed_months() -%}
    (
        select
            renewed.person_number,
            renewed.insurance_code,
            renewed.liability_month
        from {{ ref('int_tie__renewed') }} as renewed
    )
{%- endmacro %}
