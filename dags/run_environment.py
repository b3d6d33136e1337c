"""The environment in which our DAGs run, for the two scripts beside this one."""

import os
from pathlib import Path

from ingestion.settings import ROOT, home

DAGS = ROOT / "dags"


def set_airflow_environment(logging_level: str) -> None:
    """Point Airflow at our DAGs and at a database inside `WAREHOUSE_HOME`; call it before Airflow is imported."""
    os.environ.setdefault("WAREHOUSE_HOME", str(home()))
    os.environ.setdefault("AIRFLOW_HOME", str(home() / "airflow"))
    Path(os.environ["AIRFLOW_HOME"]).mkdir(parents=True, exist_ok=True)
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(DAGS)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", logging_level)
    for line in (DAGS / "airflow.env").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            os.environ.setdefault(name, value)
