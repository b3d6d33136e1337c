"""Findings of base verification, for the auditor's list: read from the published warehouse."""

from ingestion.masking import mask
from ingestion.warehouse import connect

FINDINGS = """
select findings.*, rules.title, units.unit_name, persons.identity_number, batches.file_name
from fct_base_finding as findings
inner join base_verification_rules as rules
    on findings.rule_code = rules.rule_code
    and cast(cast(findings.declaration_year as varchar) || '-01-01' as date) >= rules.valid_from
    and cast(cast(findings.declaration_year as varchar) || '-01-01' as date) < rules.valid_to
left join dim_unit as units on findings.unit_number = units.unit_number
left join dim_person as persons on findings.person_number = persons.person_number
left join landing.batches as batches on findings.batch_id = batches.batch_id
where findings.declaration_year = ?
order by findings.rule_code, findings.unit_number, findings.insurance_code, findings.person_number
"""


def findings(year: int) -> list[dict]:
    """Return the findings of a year, amounts in yuan, identity numbers masked; raise `WarehouseMissing`."""
    with connect("published") as warehouse:
        rows = warehouse.rows(FINDINGS, [year])
    return [{**row, "identity_number": mask(row["identity_number"] or "")} for row in rows]
