-- One row per insured person, as the core system knows him last.
{{ config(materialized='view') }} -- a second copy of every row is not worth its space
select * from {{ ref('int_persons__latest') }}
