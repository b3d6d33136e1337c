{#- The day the figures are made for, as YYYY-MM-DD: dbt/build.py passes it. By a variable of the environment, and not
    known while dbt parses: a var would have dbt parse everything anew for every day. -#}
{% macro as_of_text() -%}{{ return(env_var('WAREHOUSE_AS_OF') if execute else '2016-12-31') }}{%- endmacro %}

{#- The same day in SQL. -#}
{% macro as_of() -%}cast('{{ as_of_text() }}' as date){%- endmacro %}
