-- One row per person of a month's levy plan: exactly the lines of the file. Normal dues of the month (AAA115 = 10).
with
-- What is due of a month without a declaration and without a month before is not known, and not planned.
due as (select * from {{ ref('int_levy__2_due') }} where unit_due_yuan is not null),
persons as (select * from {{ ref('int_persons__latest') }}),
final as (
    select
        due.liability_month as period_month,
        {{ month_text('due.liability_month') }} || due.unit_number || due.insurance_code || '10'
            as settlement_slip_number,
        due.unit_number,
        due.person_number,
        persons.identity_number,
        persons.person_name,
        due.insurance_code,
        due.liability_month as settlement_month,
        due.liability_month,
        '10' as due_type_code,
        due.contribution_base_yuan,
        due.unit_due_yuan,
        due.person_due_yuan
    from due
    inner join persons on due.person_number = persons.person_number
)
select * from final
