-- One row per scheme, month and ledger account: what the closing must be, and whether it and the opening are that.
{{ config(materialized='view') }}
with
ledger as (select * from {{ ref('int_fund__3_ledger') }}),
computed as (
    select
        ledger.*,
        opening_yuan + case balance_side when 'debit' then debit_yuan - credit_yuan else credit_yuan - debit_yuan end
            as computed_closing_yuan,
        lag(closing_yuan) over (partition by insurance_code, account_code order by movement_month) as last_closing_yuan
    from ledger
),
final as (
    select
        insurance_code,
        movement_month,
        account_code,
        {{ yuan('computed_closing_yuan') }} as computed_closing_yuan,
        closing_yuan = computed_closing_yuan as is_balanced,
        opening_yuan = coalesce(last_closing_yuan, opening_yuan) as opens_with_last_closing
    from computed
)
select * from final
