-- One row per completed period, scheme and prefecture, with the totals 000 and 0000: the rows a statistical table has.
with
periods as (select * from {{ ref('int_periods__completed') }}),
schemes as (
    select
        insurance_code,
        name as insurance_name,
        sort_order
    from {{ ref('insurance_schemes') }}
    where is_administered
    union all
    select
        '000' as insurance_code,
        '合计' as insurance_name,
        0 as sort_order
),
prefectures as (
    select
        region_code as prefecture_code,
        name as prefecture_name
    from {{ ref('prefectures') }}
    where status = 'current'
    union all
    select
        '0000' as prefecture_code,
        '全省' as prefecture_name
),
final as (
    select
        periods.period_code,
        periods.period_kind,
        periods.year_start_month,
        periods.period_end_month,
        periods.same_period_code,
        schemes.insurance_code,
        schemes.insurance_name,
        prefectures.prefecture_code,
        prefectures.prefecture_name,
        cast(
            row_number() over (
                partition by periods.period_code
                order by schemes.sort_order nulls last, prefectures.prefecture_code nulls last
            ) as integer
        ) as sort_order,
        schemes.insurance_code = '000' or prefectures.prefecture_code = '0000' as is_total
    from periods
    cross join schemes
    cross join prefectures
)
select * from final
