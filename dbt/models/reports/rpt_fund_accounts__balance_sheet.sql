-- One row per completed period and scheme, total included: assets by account and net assets, at its end and 1 January.
with
grid as (select * from {{ ref('int_periods__grid') }} where prefecture_code = '0000'),
periods as (select * from {{ ref('int_periods__completed') }}),
ledger as (select * from {{ ref('fct_fund_ledger_month') }}),
accounts as (select * from {{ ref('fund_ledger_accounts') }}),
ended as (
    select
        periods.period_code,
        ledger.insurance_code,
        accounts.element,
        accounts.account_kind_code,
        case when ledger.movement_month = periods.period_end_month then ledger.closing_yuan else 0 end as closing_yuan,
        -- What the year changed, on the account's own side: the opening is the closing less it.
        case ledger.balance_side
            when 'debit' then ledger.debit_yuan - ledger.credit_yuan
            else ledger.credit_yuan - ledger.debit_yuan
        end as change_yuan
    from ledger
    inner join periods
        on ledger.movement_month >= periods.year_start_month
        and ledger.movement_month <= periods.period_end_month
    inner join accounts on ledger.account_code = accounts.account_code
),
parts as (
    select
        period_code,
        insurance_code,
        case when element = 'asset' then coalesce(account_kind_code, 'other_asset') else element end as part_code,
        closing_yuan,
        closing_yuan - change_yuan as opening_yuan
    from ended
    where element in ('asset', 'liability', 'net_asset')
),
summed as (
    select
        period_code,
        {{ scheme_or_total() }} as insurance_code,
        {%- for when in ['opening', 'closing'] %}
        {%- for part, codes in [
            ('treasury', "'treasury', 'income'"), ('fiscal_special', "'fiscal_special'"), ('expense', "'expense'"),
            ('other_asset', "'other_asset'"), ('liability', "'liability'"), ('net_asset', "'net_asset'")
        ] %}
        sum(case when part_code in ({{ codes }}) then {{ when }}_yuan else 0 end) as {{ when }}_{{ part }}_yuan
        {{- ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from parts
    group by period_code, cube(insurance_code)
),
filled as (
    select
        grid.period_code,
        grid.period_kind,
        grid.period_end_month,
        grid.same_period_code,
        grid.insurance_code,
        grid.insurance_name,
        cast(row_number() over (partition by grid.period_code order by grid.sort_order nulls last) as integer)
            as sort_order,
        grid.insurance_code = '000' as is_total,
        {%- for when in ['opening', 'closing'] %}
        {{ yuan('coalesce(summed.' ~ when ~ '_treasury_yuan, 0)') }} as {{ when }}_treasury_yuan,
        {{ yuan('coalesce(summed.' ~ when ~ '_fiscal_special_yuan, 0)') }} as {{ when }}_fiscal_special_yuan,
        {{ yuan('coalesce(summed.' ~ when ~ '_expense_yuan, 0)') }} as {{ when }}_expense_yuan,
        {{ yuan(
            'coalesce(summed.' ~ when ~ '_treasury_yuan + summed.' ~ when ~ '_fiscal_special_yuan + summed.' ~ when
            ~ '_expense_yuan + summed.' ~ when ~ '_other_asset_yuan, 0)'
        ) }} as {{ when }}_asset_yuan,
        {{ yuan('coalesce(summed.' ~ when ~ '_liability_yuan, 0)') }} as {{ when }}_liability_yuan,
        {{ yuan('coalesce(summed.' ~ when ~ '_net_asset_yuan, 0)') }} as {{ when }}_net_asset_yuan
        {{- ',' if not loop.last }}
        {%- endfor %}
    from grid
    left join summed
        on grid.period_code = summed.period_code
        and grid.insurance_code = summed.insurance_code
),
final as (
    select
        filled.period_code,
        filled.period_kind,
        filled.period_end_month,
        filled.insurance_code,
        filled.insurance_name,
        filled.sort_order,
        filled.is_total,
        {%- for when in ['opening', 'closing'] %}
        {%- for part in ['treasury', 'fiscal_special', 'expense', 'asset', 'liability', 'net_asset'] %}
        filled.{{ when }}_{{ part }}_yuan,
        {%- endfor %}
        {%- endfor %}
        same_period.closing_asset_yuan as same_period_closing_asset_yuan,
        {{ change_rate('filled.closing_asset_yuan', 'same_period.closing_asset_yuan') }} as closing_asset_change_rate
    from filled
    left join filled as same_period
        on filled.same_period_code = same_period.period_code
        and filled.insurance_code = same_period.insurance_code
)
select * from final
