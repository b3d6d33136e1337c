-- One row per scheme, month and ledger account in use: opening, debit, credit and closing on the account's own side.
with
turnover as (select * from {{ ref('int_fund__2_turnover') }}),
accounts as (select * from {{ ref('fund_ledger_accounts') }}),
calendar as (
    select movement_month from turnover
    {%- for month in ended_months() %}
    union
    select cast('{{ month }}' as date) as movement_month
    {%- endfor %}
),
schemes as (
    select
        insurance_code,
        min(movement_month) as first_month
    from turnover
    group by insurance_code
),
used as (select distinct account_code from turnover),
grid as (
    select
        schemes.insurance_code,
        calendar.movement_month,
        accounts.account_code,
        accounts.balance_side,
        case accounts.balance_side when 'debit' then 1 else -1 end as debit_sign
    from schemes
    inner join calendar on schemes.first_month <= calendar.movement_month
    cross join used
    inner join accounts on used.account_code = accounts.account_code
),
filled as (
    select
        grid.insurance_code,
        grid.movement_month,
        grid.account_code,
        grid.balance_side,
        grid.debit_sign * coalesce(turnover.opening_debit_yuan, 0) as first_yuan,
        coalesce(turnover.debit_yuan, 0) as debit_yuan,
        coalesce(turnover.credit_yuan, 0) as credit_yuan,
        grid.debit_sign * (coalesce(turnover.debit_yuan, 0) - coalesce(turnover.credit_yuan, 0)) as change_yuan
    from grid
    left join turnover
        on grid.insurance_code = turnover.insurance_code
        and grid.movement_month = turnover.movement_month
        and grid.account_code = turnover.account_code
),
running as (
    select
        filled.*,
        sum(first_yuan + change_yuan) over (
            partition by insurance_code, account_code
            order by movement_month
            rows between unbounded preceding and current row
        ) as closing_yuan
    from filled
),
final as (
    select
        insurance_code,
        movement_month,
        account_code,
        balance_side,
        {{ yuan('closing_yuan - change_yuan') }} as opening_yuan,
        {{ yuan('debit_yuan') }} as debit_yuan,
        {{ yuan('credit_yuan') }} as credit_yuan,
        {{ yuan('closing_yuan') }} as closing_yuan
    from running
)
select * from final
