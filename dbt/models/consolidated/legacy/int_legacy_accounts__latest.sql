-- One row per person, scheme and account year of the legacy system: of a year sent twice the later file counts.
with
balances as (select * from {{ ref('stg_legacy_system__account_balances') }}),
ranked as (
    select
        balances.*,
        rank() over (partition by account_year order by period_code desc nulls last) as file_rank
    from balances
),
final as (
    select
        person_number,
        insurance_code,
        account_year,
        opening_balance_yuan,
        principal_credited_yuan,
        interest_credited_yuan,
        account_outflow_yuan,
        closing_balance_yuan,
        period_code,
        batch_id,
        source_line
    from ranked
    where file_rank = 1
)
select * from final
