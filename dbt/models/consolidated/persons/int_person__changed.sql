-- One row per person whose records, or those of a unit of theirs, came in a new batch; nobody in a whole build.
with
persons as (select * from {{ ref('stg_core_system__insured_persons') }}),
spells as (select * from {{ ref('stg_core_system__participation') }}),
awards as (select * from {{ ref('stg_core_system__benefit_awards') }}),
new_persons as (select * from persons where batch_id in {{ new_batches() }}),
new_units as (
    select unit_number
    from {{ ref('stg_core_system__insured_units') }}
    where batch_id in {{ new_batches() }}
    union
    select unit_number
    from {{ ref('stg_core_system__work_injury_floating_rates') }}
    where batch_id in {{ new_batches() }}
),
changed as (
    select person_number
    from new_persons
    union
    -- Numbers of one identity are one person.
    select persons.person_number
    from persons
    inner join new_persons on persons.identity_number = new_persons.identity_number
    union
    -- Also who had the spell or the award before.
    select person_number
    from spells
    where participation_number in (
        select renewed.participation_number from spells as renewed where renewed.batch_id in {{ new_batches() }}
    )
    union
    -- Months without a declaration rest on the months before.
    select person_number
    from spells
    where contribution_status_code = '1' and contribution_base_yuan is null
    union
    select spells.person_number
    from spells
    inner join new_units on spells.unit_number = new_units.unit_number
    union
    select person_number
    from awards
    where award_number in (
        select renewed.award_number from awards as renewed where renewed.batch_id in {{ new_batches() }}
    )
    union
    select person_number
    from {{ ref('stg_core_system__account_openings') }}
    where batch_id in {{ new_batches() }}
),
-- In a whole build nothing is kept, and nobody is set apart.
final as (select person_number from changed where exists (select 1 from {{ source('landing', 'new_batches') }}))
select * from final
