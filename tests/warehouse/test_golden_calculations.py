"""Published calculations, made by the macros the models use, on both engines."""

import json

import pytest

from tests.warehouse.conftest import build, working_in
from tests.warehouse.situations import cases


def expressions() -> dict[str, tuple[str, str]]:
    """Return, by name, what to compute (a macro call) and the published result."""
    named = {}
    for case in cases("account_identity"):
        given = ", ".join(f"'{case['given'][name]}'" for name in ("opening", "principal", "interest", "outflow"))
        named[case["name"]] = (f"closing_balance({given})", case["expect"]["closing"])
    return named


@pytest.fixture(scope="module")
def computed(situations) -> dict[str, str]:
    """Every macro call, evaluated by the engine in one query, as text by name."""
    lines = [
        f"select {number} as number, cast({{{{ {call} }}}} as varchar) as result"
        for number, (call, _) in enumerate(expressions().values())
    ]
    command = ("--quiet", "show", "--inline", " union all ".join(lines), "--output", "json", "--limit", "-1")
    with working_in(*situations):
        shown = build.run_dbt(*command)
    assert shown.returncode == 0, shown.stdout
    results = {row["number"]: row["result"] for row in json.loads(shown.stdout)["show"]}
    return {name: results[number] for number, name in enumerate(expressions())}


@pytest.mark.parametrize("name", expressions())
def test_the_macros_make_the_published_result(computed, name):
    assert computed[name] == expressions()[name][1]
