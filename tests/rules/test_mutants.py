"""A wrong variant of each rule's SQL is caught by the cases of its kind."""

import pytest

from tests.rules.kinds import CASES, Mutant, differences, kind, kind_names, load_cases

MUTANTS = [(name, mutant) for name in kind_names() for mutant in kind(name).mutants]


def caught(engine, name: str, mutant: Mutant | None) -> list[str]:
    """Return what the cases say against the answers of a mutant; that it does not run at all is a mistake here."""
    asked, cases = kind(name), [case for case in load_cases(CASES) if case["kind"] == name]
    found = engine.run(asked, cases, mutant)
    return [line for case, answer in zip(cases, found, strict=True) for line in differences(case["expect"], answer)]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mutant"), MUTANTS, ids=[f"{name}: {it.find[:40]}" for name, it in MUTANTS])
def test_a_wrong_variant_is_caught(on_duckdb, name, mutant):
    assert caught(on_duckdb, name, mutant)


@pytest.mark.slow
@pytest.mark.parametrize("name", kind_names())
def test_the_models_as_they_are_are_not_caught(on_duckdb, name):
    assert not caught(on_duckdb, name, None)


@pytest.mark.parametrize("name", kind_names())
def test_every_kind_has_a_wrong_variant_and_a_case(name):
    assert kind(name).mutants
    assert any(case["kind"] == name for case in load_cases(CASES))
