-- One row per settlement slip of a month's levy plan: exactly the lines of the file.
with
persons as (select * from {{ ref('out_tax_bureau__levy_plan_persons') }}),
final as (
    select
        period_month,
        settlement_slip_number,
        unit_number,
        settlement_month,
        liability_month,
        insurance_code,
        due_type_code,
        cast(count(*) as integer) as person_count,
        {{ yuan('sum(contribution_base_yuan)') }} as person_base_yuan,
        {{ yuan('sum(contribution_base_yuan)') }} as unit_base_yuan,
        {{ yuan('sum(unit_due_yuan)') }} as unit_due_yuan,
        {{ yuan('sum(person_due_yuan)') }} as person_due_yuan,
        {{ yuan('sum(unit_due_yuan + person_due_yuan)') }} as total_due_yuan
    from persons
    group by
        period_month,
        settlement_slip_number,
        unit_number,
        settlement_month,
        liability_month,
        insurance_code,
        due_type_code
)
select * from final
