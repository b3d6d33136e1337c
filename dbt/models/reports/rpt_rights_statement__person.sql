-- One row per personal account and completed account year: everything but the month and benefit lines of a statement.
with
accounts as (
    select * from {{ ref('fct_personal_account_year') }}
    where account_year in ({{ ended_years() | join(', ') }})
),
statuses as (select * from {{ ref('int_account__5_status') }}),
persons as (select * from {{ ref('dim_person') }}),
units as (select * from {{ ref('dim_unit') }}),
schemes as (select * from {{ ref('insurance_schemes') }}),
prefectures as (select * from {{ ref('prefectures') }}),
code_lists as (select * from {{ ref('code_lists') }}),
bookkeeping_rates as (select * from {{ ref('bookkeeping_rates') }}),
last_years as (select * from {{ ref('fct_personal_account_year') }}),
account_rates as (select * from {{ ref('int_account__2_rates') }} where settled_month_number = 12),
months as (
    select
        person_number,
        insurance_code,
        {{ year_of('liability_month') }} as account_year,
        sum(unit_due_yuan + person_due_yuan) as year_due_yuan,
        sum(unit_paid_yuan + person_paid_yuan) as year_paid_yuan,
        sum(arrears_yuan) as year_arrears_yuan,
        {{ weakest_status_in_group('rule_status') }} as due_status
    from {{ ref('fct_contribution_month') }}
    group by person_number, insurance_code, {{ year_of('liability_month') }}
),
benefits as (
    select
        person_number,
        insurance_code,
        account_year,
        sum(benefit_paid_yuan) as benefit_paid_yuan
    from {{ ref('rpt_rights_statement__benefit') }}
    group by person_number, insurance_code, account_year
),
final as (
    select
        accounts.account_year,
        accounts.person_number,
        accounts.insurance_code,
        schemes.name as insurance_name,
        cast(accounts.account_year as varchar) || '-' || accounts.insurance_code || '-' || accounts.person_number
            as statement_number,
        persons.person_name,
        sexes.meaning as sex_name,
        {{ masked_identity('persons.identity_number') }} as masked_identity_number,
        units.unit_name,
        persons.postal_address,
        persons.postcode,
        persons.prefecture_code,
        prefectures.name as prefecture_name,
        persons.first_insured_month,
        accounts.deemed_month_count,
        accounts.month_count,
        accounts.cumulative_month_count,
        accounts.opening_balance_yuan,
        accounts.principal_credited_yuan,
        accounts.interest_on_opening_yuan,
        accounts.interest_on_current_yuan,
        accounts.interest_credited_yuan,
        accounts.account_outflow_yuan,
        accounts.closing_balance_yuan,
        accounts.bookkeeping_rate,
        bookkeeping_rates.document as rate_document,
        accounts.rate_status,
        last_years.rule_status as opening_status,
        cast(account_rates.credit_status as varchar) as principal_status,
        accounts.rule_status,
        cast(months.due_status as varchar) as due_status,
        accounts.is_interest_credited,
        account_statuses.meaning as account_status_name,
        {{ yuan('coalesce(months.year_due_yuan, 0)') }} as year_due_yuan,
        {{ yuan('coalesce(months.year_paid_yuan, 0)') }} as year_paid_yuan,
        {{ yuan('coalesce(months.year_arrears_yuan, 0)') }} as year_arrears_yuan,
        {{ yuan('coalesce(benefits.benefit_paid_yuan, 0)') }} as benefit_paid_yuan,
        {{ as_of() }} as data_as_of
    from accounts
    inner join persons on accounts.person_number = persons.person_number
    inner join schemes on accounts.insurance_code = schemes.insurance_code
    inner join statuses
        on accounts.person_number = statuses.person_number
        and accounts.insurance_code = statuses.insurance_code
        and accounts.account_year = statuses.account_year
    left join units on statuses.unit_number = units.unit_number
    left join prefectures on persons.prefecture_code = prefectures.region_code
    left join code_lists as sexes on sexes.field_code = 'AAC004' and persons.sex_code = sexes.code
    left join code_lists as account_statuses
        on account_statuses.field_code = 'EAC040' and statuses.account_status_code = account_statuses.code
    left join bookkeeping_rates
        on accounts.insurance_code = bookkeeping_rates.insurance_code
        and accounts.account_year = {{ year_of('bookkeeping_rates.valid_from') }}
    left join last_years
        on accounts.person_number = last_years.person_number
        and accounts.insurance_code = last_years.insurance_code
        and accounts.account_year = last_years.account_year + 1
    left join account_rates
        on accounts.insurance_code = account_rates.insurance_code
        and accounts.account_year = account_rates.account_year
    left join months
        on accounts.person_number = months.person_number
        and accounts.insurance_code = months.insurance_code
        and accounts.account_year = months.account_year
    left join benefits
        on accounts.person_number = benefits.person_number
        and accounts.insurance_code = benefits.insurance_code
        and accounts.account_year = benefits.account_year
)
select * from final
