{#- Hexadecimal MD5 of a text: the same on every engine, for numbers that must not change when other rows do. -#}
{% macro digest(text) %}{{ return(adapter.dispatch('digest')(text)) }}{% endmacro %}

{% macro default__digest(text) -%}
    md5({{ text }})
{%- endmacro %}
