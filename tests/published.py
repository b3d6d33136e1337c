"""Read what was published, and hold it against the sample province's truth."""

import csv
from pathlib import Path

import duckdb
import pypdfium2


def read_csv(path: Path) -> list[dict]:
    """Return the rows of a published CSV by column name."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def by_key(rows: list[dict], *key: str) -> dict:
    """Return the rows by the values of their key, which must be one."""
    keyed = {tuple(row[name] for name in key): row for row in rows}
    assert len(keyed) == len(rows), f"{key} is not a key"
    return keyed


def assert_statements_tell_the_truth(home: Path, statements: Path, truth: Path) -> None:
    """Read back every page of 2016: each account of the truth has one with its name and balance, or is held."""
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        accounts = connection.execute(
            f"""select accounts.person_number, dim_person.person_name, accounts.closing_balance_yuan
            from read_parquet('{truth / "accounts.parquet"}') as accounts
            inner join dim_person on accounts.person_number = dim_person.person_number
            where accounts.account_year = 2016"""
        ).fetchall()
    manifest = by_key(read_csv(statements / "manifest.csv"), "person_number")
    assert accounts and set(manifest) == {(number,) for number, _, _ in accounts}
    lots = {
        lot["lot"]: pypdfium2.PdfDocument(statements / lot["file"])
        for lot in read_csv(statements / "lots.csv")
        if lot["file"]
    }
    assert sum(map(len, lots.values())) == sum(entry["status"] == "printed" for entry in manifest.values())
    for number, name, balance in accounts:
        entry = manifest[(number,)]
        if entry["status"] == "held":
            assert entry["reason"]
            continue
        text = lots[entry["lot"]][int(entry["page"]) - 1].get_textpage().get_text_bounded()
        assert name in text.replace("\n", "").replace("\r", ""), number
        assert f"{balance:,.2f}" in text, number
