-- One row per person number: the number that survives it, and why; numbers of one identity are one person.
with
survivors as (select * from {{ ref('int_person__2_survivors') }}),
final as (
    select
        person_number,
        surviving_person_number,
        cast(survivorship_reason as varchar) as survivorship_reason,
        person_number = surviving_person_number as is_survivor
    from survivors
)
select * from final
