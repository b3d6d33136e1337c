{#- Statements before growing tables are added to in incremental builds. The rows that stand are those of `this`. -#}

{#- Take away the records that a new batch states again: the latest counts. `key` names the columns of a record. -#}
{% macro replace_records(relation, key) -%}
    {%- if is_increment() -%}
    delete from {{ this }}
    where ({{ key }}) in (select {{ key }} from {{ relation }} where batch_id in {{ new_batches() }})
    {%- endif -%}
{%- endmacro %}

{#- The last month that the build before this one settled. -#}
{% macro last_settled_month() -%}
    (select max(settled.liability_month) from {{ this }} as settled where settled.unit_due_yuan is not null)
{%- endmacro %}

{#- Take away the rows of persons and schemes whose past may come out otherwise now: what is not made good or not paid
    exactly, what new receipts are about, what is due otherwise. Months not yet due are settled when they are. -#}
{% macro reopen_settlements() -%}
    {%- if is_increment() -%}
    delete from {{ this }}
    where (person_number, insurance_code) in (
        select
            person_number,
            insurance_code
        from {{ this }}
        where
            unit_due_yuan is not null
            and (booked_on is null or unit_paid_yuan <> unit_due_yuan or person_paid_yuan <> person_due_yuan)
        union all
        select
            person_number,
            insurance_code
        from {{ ref('int_receipts__deduplicated') }}
        where
            batch_id in {{ new_batches() }}
            and liability_month <= {{ last_settled_month() }}
    )
    or person_number in {{ changed_persons() }}
    or liability_month > {{ last_settled_month() }}
    {%- endif -%}
{%- endmacro %}
