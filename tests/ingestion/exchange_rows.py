"""Right rows of feeds of every kind, as text, and the files that they make."""

NAMES = ["张三", "阿依·木", "王㙓", "𠅤小明", "劉倈"]  # 倈 has 0x7C as its second byte
GBK_NAMES = ["张三", "阿依·木", "劉倈"]
RIGHT_IDENTITY = "530102194912310029"
CARD = "6222020200112233446"


def receipt(index: int) -> dict[str, str]:
    return {
        "receipt_number": f"R{index:09d}",
        "unit_number": "5301000001",
        "person_number": f"{5300000000 + index}",
        "identity_number": RIGHT_IDENTITY,
        "person_name": NAMES[index % len(NAMES)],
        "insurance_code": "110",
        "liability_month": "201512",
        "due_type_code": "10",
        "contribution_base_yuan": "3000.00",
        "unit_paid_yuan": f"{600 + index}.25",
        "person_paid_yuan": f"{240 + index}.50",
        "received_on": "20160105",
    }


def payment(index: int) -> dict[str, str]:
    return {
        "payment_number": f"P{index:09d}",
        "person_number": f"{5300000000 + index}",
        "identity_number": RIGHT_IDENTITY,
        "account_holder_name": NAMES[index % len(NAMES)],
        "bank_account_number": CARD,
        "insurance_code": "110",
        "benefit_item_code": "100001",
        "benefit_month": "201601",
        "payment_yuan": f"{123456 + index:014d}",
        "from_account_yuan": f"{10000 + index:014d}",
        "paid_on": "20160115",
        "payment_status_code": "40",
        "return_reason_code": "",
    }


def opening(index: int) -> dict[str, str]:
    return {
        "opening_number": f"K{index:09d}",
        "person_number": f"{5300000000 + index}",
        "insurance_code": "110",
        "opening_kind_code": "1",
        "opened_month": "201601",
        "opening_balance_yuan": f"{1000 + index}.25",
        "pooled_yuan": "0.00",
        "deemed_month_count": "0",
        "paid_month_count": str(index),
    }


def entry(index: int) -> dict[str, str]:
    return {
        "entry_number": f"E{index:09d}",
        "insurance_code": "110",
        "entry_on": "20160131",
        "entry_kind_code": "02",
        "entry_yuan": f"{10000 + index}.50",
        "entry_summary": "财政补贴",
    }


def balance(index: int) -> dict[str, str]:
    return {
        "person_number": f"{5300000000 + index}",
        "insurance_code": "110",
        "account_year": "2015",
        "opening_balance_yuan": f"{1000 + index:013d}.25",
        "principal_credited_yuan": "0000000000100.00",
        "interest_credited_yuan": "0000000000010.10",
        "account_outflow_yuan": "0000000000000.00",
        "closing_balance_yuan": f"{1110 + index:013d}.35",
    }


def declaration(index: int) -> dict[str, str]:
    return {
        "declaration_number": f"S{index:09d}",
        "unit_number": "5301000001",
        "person_number": f"{5300000000 + index}",
        "identity_number": RIGHT_IDENTITY,
        "person_name": NAMES[index % len(NAMES)],
        "started_work_on": "" if index % 2 else "20010901",
        "contribution_base_yuan": f"{3000 + index}.25",
        "declared_on": "20160105",
        "review_state_code": "1",
        "reviewed_on": "20160106",
    }


def statement_entry(index: int) -> dict[str, str]:
    return {
        "own_account_number": CARD,
        "statement_entry_number": f"L{index:09d}",
        "entry_on": "20160105",
        "direction_code": "DBIT" if index % 2 else "CRDT",
        "entry_yuan": f"{20000 + index}.25",
        "reference_number": "" if index % 2 else f"E{index:09d}",
        "counterparty_name": NAMES[index % len(NAMES)],
        "entry_summary": "拨款 <待查> & 其他",
    }


def fen_entry(index: int) -> dict[str, str]:
    row = statement_entry(index) | {"entry_summary": "拨款", "counterparty_name": "社保局"}
    return row | {"entry_yuan": str(2000000 + index)}


def certification(index: int) -> dict[str, str]:
    return {
        "certification_number": f"Z{index:09d}",
        "person_number": f"{5300000000 + index}",
        "identity_number": RIGHT_IDENTITY,
        "person_name": GBK_NAMES[index % len(GBK_NAMES)],
        "certified_on": "20160105",
        "certification_mode_code": "2",
        "certification_result_code": "1",
    }


def bill(index: int) -> dict[str, str]:
    return {
        "settlement_number": f"J{index:09d}",
        "provider_code": "H5301",
        "provider_name": "省第一人民医院",
        "person_number": f"{5300000000 + index}",
        "identity_number": RIGHT_IDENTITY,
        "bill_kind_code": "1",
        "invoice_number": f"{index:08d}",
        "admitted_on": "20160101",
        "discharged_on": "20160104",
        "billed_yuan": f"{5000 + index}.50",
    }


def annuity(index: int) -> dict[str, str]:
    amounts = {"contribution_base_yuan": 500000, "unit_funded_yuan": 20000, "unit_notional_yuan": 20000}
    amounts |= {"person_funded_yuan": 20000}
    return {
        "annuity_number": f"N{index:09d}",
        "unit_number": "5301000001",
        "person_number": f"{5300000000 + index}",
        "liability_month": "201601",
        **{name: f"{amount + index:014d}" for name, amount in amounts.items()},
        "received_on": "20160115",
    }


KINDS = {
    "delimited": ("tax_bureau", "contribution_receipts", "SBF_20160105_001.txt", "20160105", receipt),
    "fixed_width": ("banks", "benefit_payment_returns", "YHHP_201601_001.txt", "201601", payment),
    "fixed_width_yuan": ("legacy_system", "account_balances", "YXT_ZH_201512_001.txt", "201512", balance),
    "xml": ("core_system", "account_openings", "HX_ZHJZ_201601_001.xml", "201601", opening),
    "spreadsheet": ("finance_bureau", "fiscal_account_entries", "CZZH_201601_001.xlsx", "201601", entry),
}
ALL_KINDS = {
    **KINDS,
    "json_lines": (
        "public_service_platform",
        "institution_declarations",
        "SBDJ_201601_001.jsonl",
        "201601",
        declaration,
    ),
    "delimited_crlf_fen": ("banks", "account_statements", "DZD_ABC_201601_001.txt", "201601", fen_entry),
    "delimited_crlf_gbk": (
        "certification",
        "benefit_entitlement_certifications",
        "ZGRZ_201601_001.txt",
        "201601",
        certification,
    ),
    "xml_bills": ("work_injury_providers", "post_paid_settlements", "GSJS_201601_001.xml", "201601", bill),
    "fixed_width_annuity": (
        "annuity",
        "occupational_annuity_contributions",
        "ZYNJ_201601_001.txt",
        "201601",
        annuity,
    ),
    "camt053": ("banks", "account_statements", "DZD_ICBC_201601_001.xml", "201601", statement_entry),
}
