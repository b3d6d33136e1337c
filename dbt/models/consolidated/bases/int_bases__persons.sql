-- One row per person, scheme and declared year: the base in January, beside the bounds of that day (step 2 of 4).
with
declared as (select * from {{ ref('int_bases__declared') }}),
contributing as (select * from {{ ref('int_participation__contributing_months') }}),
bounds as (select * from {{ ref('contribution_base_bounds') }} where average_monthly_wage_yuan is not null),
final as (
    select
        declared.declaration_year,
        declared.declared_from,
        declared.unit_number,
        declared.insurance_code,
        contributing.person_number,
        contributing.contribution_base_yuan,
        {{ apply_rate('bounds.average_monthly_wage_yuan', 'bounds.floor_share') }} as floor_yuan,
        {{ apply_rate('bounds.average_monthly_wage_yuan', 'bounds.ceiling_share') }} as ceiling_yuan,
        contributing.batch_id,
        contributing.source_line
    from declared
    inner join contributing
        on declared.unit_number = contributing.unit_number
        and declared.insurance_code = contributing.insurance_code
        and declared.declared_from = contributing.liability_month
    left join bounds
        on declared.insurance_code = bounds.insurance_code
        and declared.declared_from >= bounds.valid_from
        and declared.declared_from < bounds.valid_to
)
select * from final
