"""Findings of base verification, for the auditor's list: read from the published warehouse."""

from ingestion.warehouse import connect

FINDINGS = """
select findings.*, rules.title, batches.file_name
from fct_base_finding as findings
inner join base_verification_rules as rules
    on findings.rule_code = rules.rule_code
    and cast(cast(findings.declaration_year as varchar) || '-01-01' as date) >= rules.valid_from
    and cast(cast(findings.declaration_year as varchar) || '-01-01' as date) < rules.valid_to
left join landing.batches as batches on findings.batch_id = batches.batch_id
where findings.declaration_year = ?
order by findings.rule_code, findings.unit_number, findings.insurance_code, findings.person_number
"""


def findings(year: int) -> list[dict]:
    """Return the findings of a year, amounts in yuan; raise `WarehouseMissing` when nothing is published."""
    with connect("published") as warehouse:
        return warehouse.rows(FINDINGS, [year])
