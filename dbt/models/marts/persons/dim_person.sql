-- One row per insured person, as the core system knows him last.
select * from {{ ref('int_persons__latest') }}
