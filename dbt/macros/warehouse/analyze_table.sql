{#- Statement that refreshes the planner's statistics of a table just built; empty where the engine keeps them itself. -#}
{% macro analyze_table(relation) %}{{ return(adapter.dispatch('analyze_table')(relation)) }}{% endmacro %}

{% macro default__analyze_table(relation) %}{% endmacro %}

{% macro postgres__analyze_table(relation) -%}
    analyze {{ relation }}
{%- endmacro %}
