-- One row per person whose kept rows an increment makes anew; nobody in a whole build.
{%- set keys_of_records = {
    'stg_core_system__insured_persons': 'person_number',
    'stg_core_system__participation': 'participation_number',
    'stg_core_system__benefit_awards': 'award_number'
} %}
with
spells as (select * from {{ ref('stg_core_system__participation') }}),
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
    {%- for relation, key in keys_of_records.items() %}
    -- Whoever has a record that is new, or had it before.
    select person_number
    from {{ ref(relation) }}
    where {{ key }} in (
        select renewed.{{ key }} from {{ ref(relation) }} as renewed where renewed.batch_id in {{ new_batches() }}
    )
    union
    {%- endfor %}
    select spells.person_number
    from spells
    inner join new_units on spells.unit_number = new_units.unit_number
    union
    -- A month without a declaration rests on the months before, also when nothing new came.
    select person_number
    from spells
    where contribution_status_code = '1' and contribution_base_yuan is null
),
final as (select person_number from changed where {{ is_increment() | lower }})
select * from final
