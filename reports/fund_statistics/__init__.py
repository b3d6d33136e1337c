"""The fund statistics: a workbook, CSV twins and a bulletin for every quarter and year, declared in report.yml."""
