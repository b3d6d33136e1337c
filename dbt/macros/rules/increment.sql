{#- Whether this build stands on the published one and adds what is new to it; dbt/build.py decides and passes it. -#}
{% macro is_increment() -%}{{ return(var('is_increment', false)) }}{%- endmacro %}
