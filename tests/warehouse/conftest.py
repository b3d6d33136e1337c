"""Homes and databases of their own for tests, and the situations of `tests/warehouse/landed/` built on both engines."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from filelock import FileLock

from ingestion.settings import ROOT
from tests.conftest import shared_folder
from tests.postgres import throwaway_postgres
from tests.warehouse.service_situations import land_services
from tests.warehouse.situations import land, land_situations, unit

ENGINES = ("embedded", "postgres")
PARSED = Path("target", "partial_parse.msgpack")


def _load_build():
    """Load `dbt/build.py`; `dbt/` is no package, since it would hide the package of that name."""
    spec = importlib.util.spec_from_file_location("warehouse_build", ROOT / "dbt" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = _load_build()


@contextmanager
def working_in(home: Path, engine: str) -> Iterator[None]:
    """Point the settings to a home and an engine; each home has a database of its own, named as its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_HOME", str(home))
        patch.setenv("WAREHOUSE_TARGET", engine)
        patch.setenv("PGDATABASE", home.name)
        parsed = build.state_folder() / PARSED
        if engine == "embedded" and "PARSED_PROJECT" in os.environ and not parsed.exists():
            parsed.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.environ["PARSED_PROJECT"], parsed)
        yield


@pytest.fixture(scope="session", autouse=True)
def parsed_project(tmp_path_factory) -> Iterator[None]:
    """What dbt knows of the project when it has read it, for `working_in`: each home need not read it anew."""
    home = shared_folder(tmp_path_factory) / "parsed"
    with FileLock(f"{home}.lock"), working_in(home, "embedded"):
        parsed = build.state_folder() / PARSED
        if not parsed.exists():
            land("core_system", "insured_units", "201701", [unit()])
            build.open_build(None)
            assert build.run_dbt("parse").returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARSED_PROJECT", str(parsed))
        yield


def create_database(home: Path) -> None:
    """Create the database of a home on the throwaway cluster."""
    connection = psycopg2.connect()
    connection.autocommit = True
    connection.cursor().execute(f'create database "{home.name}"')
    connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str]]:
    """A throwaway cluster, with libpq's variables set for as long as the session lasts."""
    with throwaway_postgres() as variables:
        yield variables


@pytest.fixture(scope="session", params=ENGINES)
def engine(request) -> str:
    """Each engine; PostgreSQL is started when it is wanted first."""
    if request.param == "postgres":
        request.getfixturevalue("postgres")
    return request.param


@pytest.fixture(scope="session")
def situations(engine, tmp_path_factory) -> tuple[Path, str]:
    """A home and engine on which the situations are built up to the marts, as of the end of 2017."""
    home = tmp_path_factory.mktemp("situations")
    if engine == "postgres":
        create_database(home)
    with working_in(home, engine):
        land_situations()
        land_services()
        build.open_build(None)
        wanted = ("resource_type:seed", *(f"path:models/{layer}" for layer in ("staging", "consolidated", "marts")))
        made = build.run_dbt("--warn-error", "build", "--select", *wanted, "--exclude-resource-type", "test")
        assert made.returncode == 0, made.stdout
    return home, engine
