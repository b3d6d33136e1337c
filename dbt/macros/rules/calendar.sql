{#- Lists of years, months and periods up to as_of, for loops; values are text or integers, made without a clock. -#}

{% macro account_years() -%}
    {{ return(range(var('first_account_year'), as_of_text()[:4] | int + 1) | list) }}
{%- endmacro %}

{#- Account years whose 31 December is not after as_of; [0] when there is none, so that `in (...)` stays valid. -#}
{% macro ended_years() -%}
    {%- set years = [] -%}
    {%- for year in account_years() if year ~ '-12-31' <= as_of_text() -%}
        {%- do years.append(year) -%}
    {%- endfor -%}
    {{ return(years or [0]) }}
{%- endmacro %}

{#- Every month that ended by as_of, as YYYY-MM-01. -#}
{% macro ended_months() -%}
    {%- set months = [] -%}
    {%- for year in account_years() -%}
        {%- for number in range(1, 13) -%}
            {%- set month = modules.datetime.date(year, number, 1) -%}
            {%- set next_month = (month + modules.datetime.timedelta(days=31)).replace(day=1) -%}
            {%- if next_month - modules.datetime.timedelta(days=1) <= modules.datetime.date.fromisoformat(as_of_text()) -%}
                {%- do months.append(month.isoformat()) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(months) }}
{%- endmacro %}

{#- Every month that can be planned: those that ended by as_of, and the one after them; as YYYY-MM-01. -#}
{% macro plan_months() -%}
    {%- set tomorrow = modules.datetime.date.fromisoformat(as_of_text()) + modules.datetime.timedelta(days=1) -%}
    {{ return(ended_months() + [tomorrow.replace(day=1).isoformat()]) }}
{%- endmacro %}

{#- Every quarter and year that ended by as_of: code, kind, year, last month, code of the same period of last year. -#}
{% macro ended_periods() -%}
    {%- set periods = [] -%}
    {%- for month in ended_months() -%}
        {%- set year, number = month[:4] | int, month[5:7] | int -%}
        {%- if number % 3 == 0 -%}
            {%- set quarter = 'Q' ~ (number // 3) -%}
            {%- do periods.append({
                'code': year ~ quarter, 'kind': 'quarter', 'year': year, 'end_month': month,
                'same_period_code': (year - 1) ~ quarter}) -%}
        {%- endif -%}
        {%- if number == 12 -%}
            {%- do periods.append({
                'code': year ~ '', 'kind': 'year', 'year': year, 'end_month': month,
                'same_period_code': (year - 1) ~ ''}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(periods) }}
{%- endmacro %}

{#- The first Monday to Friday of a month on or after a day of it; public holidays are not known here. -#}
{% macro first_working_day(month, earliest_day) -%}
    {%- set day = modules.datetime.date.fromisoformat(month[:8] ~ '%02d' % earliest_day) -%}
    {%- set weekend_days = {5: 2, 6: 1}.get(day.weekday(), 0) -%}
    {{ return((day + modules.datetime.timedelta(days=weekend_days)).isoformat()) }}
{%- endmacro %}
