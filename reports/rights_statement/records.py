"""Read the rows of statements from the published warehouse, in postal order, without holding them all."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # a worker makes pages from records without a warehouse: it need not load the engines
    from ingestion.warehouse import Warehouse

Row = dict[str, Any]

# The order of the post office: a bag for each prefecture, bundles by postcode.
POSTAL_ORDER = (
    "person.prefecture_code nulls last, person.postcode nulls last, person.person_number, person.insurance_code"
)
PERSONS = f"""
select person.* from rpt_rights_statement__person as person where person.account_year = ?
order by {POSTAL_ORDER}"""
DETAILS = """
select detail.* from rpt_rights_statement__{table} as detail
inner join rpt_rights_statement__person as person
    on detail.account_year = person.account_year
    and detail.person_number = person.person_number
    and detail.insurance_code = person.insurance_code
where person.account_year = ?
order by {order}, {column}"""


class Record(NamedTuple):
    """All rows of one statement: the person's, the months' and the benefits', as the warehouse gives them."""

    person: Row
    months: list[Row]
    benefits: list[Row]


def count_statements(warehouse: "Warehouse", year: int) -> int:
    """Return how many statements the year has."""
    sql = "select count(*) as statements from rpt_rights_statement__person where account_year = ?"
    return warehouse.rows(sql, [year])[0]["statements"]


def years(warehouse: "Warehouse") -> list[int]:
    """Return the years that have statements."""
    sql = "select distinct account_year from rpt_rights_statement__person order by account_year"
    return [row["account_year"] for row in warehouse.rows(sql)]


def read_records(warehouse: "Warehouse", year: int) -> Iterator[Record]:
    """Yield the records of a year in postal order; raise RuntimeError when a month or benefit belongs to nobody."""
    months = _Details(warehouse, year, "month", "detail.liability_month")
    benefits = _Details(warehouse, year, "benefit", "detail.benefit_item_code")
    for page in warehouse.stream(PERSONS, [year]):
        for person in page:
            key = _key(person)
            yield Record(person, months.of(key), benefits.of(key))
    for details in (months, benefits):
        details.assert_used_up()


class _Details:
    """Rows that belong to persons, read along with them in the same order."""

    def __init__(self, warehouse: "Warehouse", year: int, table: str, column: str) -> None:
        sql = DETAILS.format(table=table, order=POSTAL_ORDER, column=column)
        self._table = table
        self._rows = (row for page in warehouse.stream(sql, [year]) for row in page)
        self._next = next(self._rows, None)

    def of(self, key: tuple[str, str]) -> list[Row]:
        """Return the rows of the person and scheme that comes next."""
        found = []
        while self._next is not None and _key(self._next) == key:
            found.append(self._next)
            self._next = next(self._rows, None)
        return found

    def assert_used_up(self) -> None:
        """Raise RuntimeError when rows are left over: the two orders differ, and no statement can be trusted."""
        if self._next is not None:
            raise RuntimeError(f"rpt_rights_statement__{self._table}: rows are left that no statement took")


def _key(row: Row) -> tuple[str, str]:
    return row["person_number"], row["insurance_code"]
