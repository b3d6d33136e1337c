-- One row per rule and whom it looks at: what was declared, and what it is compared with (step 3 of 4).
with
declared as (select * from {{ ref('int_bases__declared') }}),
persons as (select * from {{ ref('int_bases__persons') }}),
parts as (
    select
        declaration_year,
        unit_number,
        insurance_code,
        count(*) as part_count,
        sum(contribution_base_yuan) as parts_yuan,
        min(contribution_base_yuan) as lowest_yuan,
        max(contribution_base_yuan) as highest_yuan,
        min(floor_yuan) as floor_yuan
    from persons
    group by declaration_year, unit_number, insurance_code
),
by_unit as (
    select
        declared.*,
        parts.part_count,
        coalesce(parts.parts_yuan, 0) as parts_yuan,
        parts.lowest_yuan,
        parts.highest_yuan,
        coalesce(parts.floor_yuan, parts.lowest_yuan) as floor_yuan
    from declared
    left join parts
        on declared.declaration_year = parts.declaration_year
        and declared.unit_number = parts.unit_number
        and declared.insurance_code = parts.insurance_code
),
{%- set unit_rules = [
    ('payroll_differs', 'person_base_yuan', 'payroll_yuan', '1 = 1'),
    ('financial_statement_differs', 'person_base_yuan', 'financial_statement_yuan', '1 = 1'),
    ('parts_differ', 'person_base_yuan', 'parts_yuan', '1 = 1'),
    ('unit_base_differs', 'unit_base_yuan', 'person_base_yuan', '1 = 1'),
    ('unchanged_while_payroll_rises', 'payroll_yuan', 'last_payroll_yuan', 'person_base_yuan <= last_person_base_yuan'),
    ('everyone_at_floor', 'highest_yuan', 'floor_yuan', 'part_count >= 3')
] %}
unit_comparisons as (
    {%- for rule_code, declared_column, compared_column, condition in unit_rules %}
    select
        '{{ rule_code }}' as rule_code,
        declaration_year,
        declared_from,
        unit_number,
        cast(null as varchar) as person_number,
        insurance_code,
        {{ declared_column }} as declared_yuan,
        {{ compared_column }} as compared_yuan,
        batch_id,
        source_line
    from by_unit
    where {{ condition }}
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
person_comparisons as (
    {%- for rule_code, bound in [('below_floor', 'floor_yuan'), ('above_ceiling', 'ceiling_yuan')] %}
    select
        '{{ rule_code }}' as rule_code,
        declaration_year,
        declared_from,
        unit_number,
        person_number,
        insurance_code,
        contribution_base_yuan as declared_yuan,
        {{ bound }} as compared_yuan,
        batch_id,
        source_line
    from persons
    where {{ bound }} is not null
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
final as (
    select * from unit_comparisons
    union all
    select * from person_comparisons
)
select * from final
