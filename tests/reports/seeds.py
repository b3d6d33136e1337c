"""Seeds of the project as tables of a small warehouse."""

from ingestion.settings import ROOT

SEEDS = ROOT / "dbt" / "seeds"


def copy_seed(connection, path: str, types: dict[str, str]) -> None:
    """Create a table from `dbt/seeds/<path>.csv`; columns without a type are text."""
    casts = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in types.items())
    replaced = f"* replace ({casts})" if casts else "*"
    file = SEEDS / f"{path}.csv"
    connection.execute(
        f"create table {file.stem} as select {replaced} from read_csv('{file}', all_varchar = true, header = true)"
    )
