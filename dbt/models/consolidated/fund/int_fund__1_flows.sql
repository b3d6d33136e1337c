-- One row per scheme, month and kind of flow: what came in, went out or moved between a fund's own accounts.
with
lines as (select * from {{ ref('int_fund__movement_lines') }}),
entries as (select * from {{ ref('int_fiscal_entries__deduplicated') }}),
moved as (
    select
        insurance_code,
        movement_month,
        movement_type_code,
        is_arrears,
        sum(movement_yuan) as movement_yuan,
        sum(person_part_yuan) as person_part_yuan
    from lines
    group by insurance_code, movement_month, movement_type_code, is_arrears
),
flows as (
    select
        insurance_code,
        movement_month,
        case movement_type_code when 'contribution_income' then 'unit_contribution' else movement_type_code end
            as flow_kind_code,
        movement_type_code,
        is_arrears,
        movement_yuan - person_part_yuan as flow_yuan
    from moved
    union all
    select
        insurance_code,
        movement_month,
        'person_contribution' as flow_kind_code,
        movement_type_code,
        is_arrears,
        person_part_yuan as flow_yuan
    from moved
    where movement_type_code = 'contribution_income'
    union all
    select
        insurance_code,
        {{ first_day_of_month('entry_on') }} as movement_month,
        'fiscal_entry_' || entry_kind_code as flow_kind_code,
        movement_type_code,
        false as is_arrears,
        sum(entry_yuan) as flow_yuan
    from entries
    where movement_type_code is null
    group by insurance_code, {{ first_day_of_month('entry_on') }}, entry_kind_code, movement_type_code
),
final as (
    select
        insurance_code,
        movement_month,
        flow_kind_code,
        movement_type_code,
        is_arrears,
        {{ yuan('flow_yuan') }} as flow_yuan
    from flows
)
select * from final
