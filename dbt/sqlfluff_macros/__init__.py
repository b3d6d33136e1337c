"""Stand-ins for the project's macros, so that the linter reads models without dbt.

A macro that makes an expression becomes a function call of its name, which is ANSI SQL too; those that make lists or
whole queries are written here.
"""

import re
from pathlib import Path


def _as_function_call(name):
    return lambda *arguments, **named: f"{name}({', '.join(map(str, (*arguments, *named.values())))})"


for _file in Path(__file__).parents[1].glob("macros/*/*.sql"):
    for _name in re.findall(r"{%-? macro (\w+)\(", _file.read_text(encoding="utf-8")):
        globals()[_name] = _as_function_call(_name)


def account_years():
    return [2016, 2017]


def ended_years():
    return [2016]


def ended_months():
    return ["2016-01-01"]


def plan_months():
    return ["2016-01-01", "2016-02-01"]


def first_working_day(month, earliest_day):
    return f"{month[:8]}{earliest_day:02d}"


def ended_periods():
    return [{"code": "2016", "kind": "year", "year": 2016, "end_month": "2016-12-01", "same_period_code": "2015"}]


def current_rows(source_name, feed_name):
    return f"select * from {source_name}__{feed_name}"


def one_row_per_key(relation, key, direction):
    return f"select * from {relation} order by {key} {direction}"


def tied(step_code, special="", month_of="left"):
    """Stand for the CTEs after left_side and right_side, and the query over them."""
    step = f"select '{step_code}' as step_code, left_side.*, right_side.* from left_side, right_side"
    return f"final as ({step})\nselect * from final"
