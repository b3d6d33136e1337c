-- Personal accounts of completed years that no statement shows.
with
accounts as (select * from {{ ref('fct_personal_account_year') }}),
statements as (select * from {{ ref('rpt_rights_statement__person') }}),
final as (
    select
        accounts.person_number,
        accounts.insurance_code,
        accounts.account_year
    from accounts
    left join statements
        on accounts.person_number = statements.person_number
        and accounts.insurance_code = statements.insurance_code
        and accounts.account_year = statements.account_year
    where accounts.account_year in ({{ ended_years() | join(', ') }})
        and statements.statement_number is null
)
select * from final
