-- One row per personal account and year: how it ended the year (EAC040), and the unit of its last spell (step 5 of 5).
with
accounts as (select * from {{ ref('int_account__3_years') }}),
payments as (select * from {{ ref('int_payments__latest') }} where is_paid and closes_account),
awards as (select * from {{ ref('int_awards__latest') }} where benefit_item_code = '100011'),
spells as (
    select * from {{ ref('int_participation__latest') }} where contribution_status_code in ('1', '2')
),
years as (
    {%- for year in account_years() %}
    select
        {{ year }} as account_year,
        cast('{{ year }}-01-01' as date) as first_month,
        cast('{{ year }}-12-01' as date) as last_month
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
closings as (
    select
        person_number,
        insurance_code,
        {{ year_of('paid_on') }} as account_year,
        max(category) as category
    from payments
    group by person_number, insurance_code, {{ year_of('paid_on') }}
),
retired as (
    select
        person_number,
        insurance_code,
        min(benefit_start_month) as retired_month
    from awards
    group by person_number, insurance_code
),
last_spells as (
    select
        spells.person_number,
        spells.insurance_code,
        years.account_year,
        spells.unit_number,
        row_number() over (
            partition by spells.person_number, spells.insurance_code, years.account_year
            order by spells.start_month desc nulls last, spells.participation_number desc nulls last
        ) as spell_rank
    from spells
    inner join years
        on spells.start_month <= years.last_month
        and (spells.end_month is null or spells.end_month >= years.first_month)
),
final as (
    select
        accounts.person_number,
        accounts.insurance_code,
        accounts.account_year,
        case
            when closings.category = 'transfer' then '3'
            when closings.category is not null then '2'
            when retired.retired_month <= years.last_month then '4'
            else '1'
        end as account_status_code,
        last_spells.unit_number
    from accounts
    inner join years on accounts.account_year = years.account_year
    left join closings
        on accounts.person_number = closings.person_number
        and accounts.insurance_code = closings.insurance_code
        and accounts.account_year = closings.account_year
    left join retired
        on accounts.person_number = retired.person_number
        and accounts.insurance_code = retired.insurance_code
    left join last_spells
        on accounts.person_number = last_spells.person_number
        and accounts.insurance_code = last_spells.insurance_code
        and accounts.account_year = last_spells.account_year
        and last_spells.spell_rank = 1
)
select * from final
