"""A published warehouse with nothing but the statement tables, for people with awkward names."""

import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from tests.reports.seeds import copy_seed

YEAR = 2016
RARE_NAMES = [
    "李䶮",
    "王㙓",
    "赵𠅤𪜁",
    "买买提·吐尔逊",
    "阿依古丽·阿卜杜热合曼·艾则孜",
    "*粗体* #let x = 1 _下_",
    "1. 张三",
]
UNPRINTABLE_NAME = "周\ue863明"  # a private-use character, as legacy systems print with fonts of their own
LONG_UNIT = "云南省西双版纳傣族自治州勐腊县" + "某某边境经济合作区综合开发投资建设运营管理" * 4 + "有限责任公司"
PREFECTURES = [
    ("5301", "昆明市", "6500"),
    ("5325", "红河哈尼族彝族自治州", "6611"),
    ("5331", "德宏傣族景颇族自治州", "6784"),
]
SCHEMES = {"110": "企业职工基本养老保险", "120": "机关事业单位基本养老保险"}
NOTHING_ASSUMED = {"account": {}, "months": {}}

MONEY = pa.decimal128(18, 2)
TEXTS = [
    *("person_number", "insurance_code", "insurance_name", "statement_number", "person_name", "sex_name"),
    *("masked_identity_number", "unit_name", "postal_address", "postcode", "prefecture_code", "prefecture_name"),
    *("rate_document", "rate_status", "account_status_name"),
    *("opening_status", "principal_status", "rule_status", "due_status"),
]
AMOUNTS = [
    *("opening_balance_yuan", "principal_credited_yuan", "interest_on_opening_yuan", "interest_on_current_yuan"),
    *("interest_credited_yuan", "account_outflow_yuan", "closing_balance_yuan"),
    *("year_due_yuan", "year_paid_yuan", "year_arrears_yuan", "benefit_paid_yuan"),
]
PERSON = pa.schema(
    [("account_year", pa.int32()), ("first_insured_month", pa.date32()), ("data_as_of", pa.date32())]
    + [(name, pa.string()) for name in TEXTS]
    + [(name, MONEY) for name in AMOUNTS]
    + [(name, pa.int32()) for name in ("deemed_month_count", "month_count", "cumulative_month_count")]
    + [("bookkeeping_rate", pa.decimal128(9, 6)), ("is_interest_credited", pa.bool_())]
)
KEY = [("account_year", pa.int32()), ("person_number", pa.string()), ("insurance_code", pa.string())]
MONTH = pa.schema(
    [*KEY, ("liability_month", pa.date32()), ("month_state", pa.string()), ("booked_on", pa.date32())]
    + [("rule_status", pa.string())]
    + [(f"{name}_yuan", MONEY) for name in ("contribution_base", "unit_paid", "person_paid", "arrears")]
)
BENEFIT = pa.schema(
    [
        *KEY,
        *[(name, pa.string()) for name in ("benefit_item_code", "benefit_item_name")],
        *[("payment_count", pa.int32()), ("benefit_paid_yuan", MONEY)],
    ]
)


def fen(amount: int) -> Decimal:
    """Return an amount of fen in yuan."""
    return Decimal(amount).scaleb(-2)


def make_people(count: int, seed: int = 1) -> list[dict]:
    """Return person rows with the month and benefit rows under `months` and `benefits`."""
    chance = random.Random(seed)
    return [_person(chance, serial) for serial in range(count)]


def _person(chance: random.Random, serial: int) -> dict:
    number = f"53{serial:08d}"
    scheme = chance.choice(list(SCHEMES))
    key = {"account_year": YEAR, "person_number": number, "insurance_code": scheme}
    prefecture_code, prefecture_name, postcode = chance.choice(PREFECTURES)
    name = RARE_NAMES[serial] if serial < len(RARE_NAMES) else _name(chance)
    months = [_month(chance, key, month) for month in range(1, 13) if chance.random() < 0.95]
    items = [("100001", "基本养老金"), ("200011", "丧葬补助金和抚恤金")][: chance.choice([0, 0, 0, 1, 2])]
    benefits = [
        key | {"benefit_item_code": code, "benefit_item_name": item, "payment_count": 12,
               "benefit_paid_yuan": fen(chance.randint(100_000, 9_000_000))}
        for code, item in items
    ]  # fmt: skip
    opening, principal, outflow = (chance.randint(0, 20_000_000) for _ in range(3))
    on_opening, on_current = opening * 831 // 10_000, principal * 45 // 1_000
    outflow = min(outflow, opening) if benefits else 0
    paid = sum(month["unit_paid_yuan"] + month["person_paid_yuan"] for month in months)
    owed = sum(month["arrears_yuan"] for month in months)
    return key | {
        "first_insured_month": date(1998 + serial % 18, 1 + serial % 12, 1),
        "data_as_of": date(2017, 6, 30),
        "insurance_name": SCHEMES[scheme],
        "statement_number": f"{YEAR}-{scheme}-{number}",
        "person_name": name,
        "sex_name": chance.choice("男女"),
        "masked_identity_number": f"{prefecture_code}02********{serial % 10_000:04d}",
        "unit_name": f"{prefecture_name}第{chance.randint(1, 400)}建筑工程有限责任公司",
        "postal_address": f"云南省{prefecture_name}人民路{chance.randint(1, 999)}号{chance.randint(1, 40)}幢2单元301室",
        "postcode": f"{postcode}{chance.randint(0, 99):02d}",
        "prefecture_code": prefecture_code,
        "prefecture_name": prefecture_name,
        "rate_document": "人社部发〔2017〕31号",
        "rate_status": "secondary",
        **dict.fromkeys(("opening_status", "principal_status", "due_status"), "official"),
        "rule_status": "secondary",
        "account_status_name": "正常计息",
        "opening_balance_yuan": fen(opening),
        "principal_credited_yuan": fen(principal),
        "interest_on_opening_yuan": fen(on_opening),
        "interest_on_current_yuan": fen(on_current),
        "interest_credited_yuan": fen(on_opening + on_current),
        "account_outflow_yuan": fen(outflow),
        "closing_balance_yuan": fen(opening + principal + on_opening + on_current - outflow),
        "year_due_yuan": paid + owed,
        "year_paid_yuan": paid,
        "year_arrears_yuan": owed,
        "benefit_paid_yuan": sum((benefit["benefit_paid_yuan"] for benefit in benefits), fen(0)),
        "deemed_month_count": serial % 60,
        "month_count": len(months),
        "cumulative_month_count": 100 + len(months),
        "bookkeeping_rate": Decimal("0.083100"),
        "is_interest_credited": True,
        "months": months,
        "benefits": benefits,
    }


def _name(chance: random.Random) -> str:
    return chance.choice("张王李赵刘陈杨黄周吴") + "".join(
        chance.choices("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超", k=2)
    )


def _month(chance: random.Random, key: dict, month: int) -> dict:
    base = chance.randint(200_000, 2_500_000)
    unit, person = base * 20 // 100, base * 8 // 100
    owed = chance.random() < 0.08
    return key | {
        "liability_month": date(YEAR, month, 1),
        "contribution_base_yuan": fen(base),
        "unit_paid_yuan": fen(0 if owed else unit),
        "person_paid_yuan": fen(person),
        "arrears_yuan": fen(unit if owed else 0),
        "rule_status": "official",
        "month_state": "owed" if owed else "paid",
        "booked_on": None if owed else date(YEAR, month, 20),
    }


def write_warehouse(home: Path, people: list[dict]) -> None:
    """Write the statement tables of these people as the published warehouse of a `WAREHOUSE_HOME`."""
    file = home / "warehouse" / "warehouse.duckdb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    months = [month for person in people for month in person["months"]]
    benefits = [benefit for person in people for benefit in person["benefits"]]
    with duckdb.connect(str(file)) as connection:
        for table, rows, schema in (
            ("person", people, PERSON),
            ("month", months, MONTH),
            ("benefit", benefits, BENEFIT),
        ):
            connection.register("rows", pa.Table.from_pylist(rows, schema))
            connection.execute(f"create table rpt_rights_statement__{table} as select * from rows")
            connection.unregister("rows")
        for path in ("policy/contribution_rates", "policy/contribution_base_bounds"):
            copy_seed(connection, path, {"valid_from": "date", "valid_to": "date"})
