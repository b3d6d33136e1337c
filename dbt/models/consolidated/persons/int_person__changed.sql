-- One row per person whose dues of months past may be others than in the build before; nobody in a whole build.
with
new_batches as (select * from {{ source('landing', 'new_batches') }}),
spells as (select * from {{ ref('int_participation__latest') }}),
units as (select * from {{ ref('int_units__latest') }}),
factors as (select * from {{ ref('int_work_injury_factors__latest') }}),
final as (
    select spells.person_number
    from spells
    inner join new_batches on spells.batch_id = new_batches.batch_id
    union
    select spells.person_number
    from spells
    inner join units on spells.unit_number = units.unit_number
    inner join new_batches on units.batch_id = new_batches.batch_id
    union
    select spells.person_number
    from spells
    inner join factors on spells.unit_number = factors.unit_number
    inner join new_batches on factors.batch_id = new_batches.batch_id
)
select * from final
