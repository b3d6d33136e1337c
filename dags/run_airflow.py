"""Start `airflow standalone` with our DAGs on SQLite, for a person to look at; `make up` calls this."""

import json
import os
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dags.run_environment import set_airflow_environment

USER = "admin"
PORT = "8080"


def main() -> None:
    set_airflow_environment("INFO")
    os.environ.setdefault("AIRFLOW__API__PORT", PORT)
    os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = f"{USER}:admin"
    address = f"http://localhost:{os.environ['AIRFLOW__API__PORT']}"
    print(f"Airflow 网址：{address}\n用户：{USER}\n密码：{password()}\n按 Ctrl-C 停止。", flush=True)
    airflow = Path(sys.executable).parent / "airflow"
    os.environ["PATH"] = f"{airflow.parent}{os.pathsep}{os.environ['PATH']}"  # standalone starts `airflow` by name
    os.execv(airflow, [str(airflow), "standalone"])


def password() -> str:
    """Return the password of the login, made once and kept in Airflow's own file."""
    file = Path(os.environ["AIRFLOW_HOME"]) / "simple_auth_manager_passwords.json.generated"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(json.dumps({USER: secrets.token_urlsafe(12)}))
    return json.loads(file.read_text())[USER]


if __name__ == "__main__":
    main()
