-- One row per bill of a contracted provider for an injured person, as last sent: what the agency is to settle.
select * from {{ ref('int_work_injury_settlements__latest') }}
