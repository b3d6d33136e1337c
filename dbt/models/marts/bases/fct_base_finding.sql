-- One row per finding of base verification: the rule, the unit or person, what was declared and compared (step 4 of 4).
with
compared as (select * from {{ ref('int_bases__compared') }}),
rules as (select * from {{ ref('base_verification_rules') }}),
judged as (
    select
        compared.*,
        compared.declared_yuan - compared.compared_yuan as difference_yuan,
        {{ apply_rate('compared.compared_yuan', 'rules.tolerance_share') }} as tolerance_yuan
    from compared
    inner join rules
        on compared.rule_code = rules.rule_code
        and compared.declared_from >= rules.valid_from
        and compared.declared_from < rules.valid_to
),
final as (
    select
        rule_code,
        declaration_year,
        unit_number,
        coalesce(person_number, '') as person_number,
        insurance_code,
        {{ yuan('declared_yuan') }} as declared_yuan,
        {{ yuan('compared_yuan') }} as compared_yuan,
        {{ yuan('difference_yuan') }} as difference_yuan,
        batch_id,
        source_line
    from judged
    where case
        when rule_code in ('unchanged_while_payroll_rises', 'above_ceiling') then difference_yuan > tolerance_yuan
        when rule_code = 'below_floor' then difference_yuan < 0
        when rule_code = 'everyone_at_floor' then difference_yuan = 0
        else abs(difference_yuan) > tolerance_yuan
    end
)
select * from final
