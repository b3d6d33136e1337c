-- One row per insured unit, as the core system knows it last.
select * from {{ ref('int_units__latest') }}
