-- One row per person number: the number under which the person is kept, and why.
with
persons as (select * from {{ ref('int_persons__latest') }}),
several as (
    select identity_number
    from persons
    where identity_number is not null
    group by identity_number
    having count(*) > 1
),
ranked as (
    select
        persons.person_number,
        persons.identity_number,
        persons.first_insured_month,
        row_number() over (
            partition by persons.identity_number
            order by persons.first_insured_month nulls last, persons.person_number nulls last
        ) as survival_rank
    from persons
    inner join several on persons.identity_number = several.identity_number
),
surviving as (select * from ranked where survival_rank = 1),
final as (
    select
        persons.person_number,
        coalesce(surviving.person_number, persons.person_number) as surviving_person_number,
        case
            when surviving.person_number is null then 'only_number'
            when surviving.person_number = persons.person_number then 'kept'
            when surviving.first_insured_month = persons.first_insured_month
                or (surviving.first_insured_month is null and persons.first_insured_month is null)
                then 'larger_number'
            else 'insured_later'
        end as survivorship_reason
    from persons
    left join surviving on persons.identity_number = surviving.identity_number
)
select * from final
