-- One row per person and scheme with a pension awarded: what the rules make of the record, beside what was awarded.
with
persons as (select * from {{ ref('int_pension__1_persons') }}),
terms as (select * from {{ ref('int_pension__2_terms') }}),
records as (select * from {{ ref('int_pension__3_records') }}),
base_wages as (select * from {{ ref('benefit_base_wages') }}),
pension_rates as (select * from {{ ref('pension_rates') }}),
joined as (
    select
        persons.*,
        terms.statutory_age_months,
        terms.delay_months,
        terms.required_month_count,
        terms.divisor_months,
        terms.divisor_status,
        records.contribution_index,
        records.paid_month_count,
        records.deemed_month_count,
        records.account_balance_yuan,
        records.account_status,
        base_wages.base_wage_yuan,
        pension_rates.accrual_percent,
        pension_rates.transitional_percent,
        {{ weakest_status('base_wages.status', 'pension_rates.status', 'records.index_status') }} as wage_status
    from persons
    inner join terms
        on persons.person_number = terms.person_number
        and persons.insurance_code = terms.insurance_code
    left join records
        on persons.person_number = records.person_number
        and persons.insurance_code = records.insurance_code
    left join base_wages
        on persons.insurance_code = base_wages.insurance_code
        and persons.retired_month >= base_wages.valid_from
        and persons.retired_month < base_wages.valid_to
    left join pension_rates
        on persons.insurance_code = pension_rates.insurance_code
        and persons.retired_month >= pension_rates.valid_from
        and persons.retired_month < pension_rates.valid_to
),
computed as (
    select
        joined.*,
        -- (wage + wage x index) / 2 x years x percent: divided once, by 2 x 12 x 100.
        {{ divide(
            'base_wage_yuan * (1 + cast(contribution_index as decimal(10, 4)))'
            ~ ' * (paid_month_count + deemed_month_count) * accrual_percent', '2400', 2
        ) }} as basic_pension_yuan,
        {{ divide('account_balance_yuan', 'divisor_months', 2) }} as account_pension_yuan,
        {{ divide(
            'base_wage_yuan * cast(contribution_index as decimal(10, 4)) * deemed_month_count * transitional_percent',
            '1200', 2
        ) }} as transitional_pension_yuan
    from joined
),
final as (
    select
        person_number,
        insurance_code,
        category_code,
        birth_month,
        retired_month,
        benefit_start_month,
        age_months,
        statutory_age_months,
        delay_months,
        paid_month_count,
        deemed_month_count,
        required_month_count,
        paid_month_count + deemed_month_count >= required_month_count as has_required_months,
        contribution_index,
        base_wage_yuan,
        account_balance_yuan,
        divisor_months,
        basic_pension_yuan,
        account_pension_yuan,
        transitional_pension_yuan,
        {{ yuan('basic_pension_yuan + account_pension_yuan + transitional_pension_yuan') }} as pension_yuan,
        awarded_basic_yuan,
        awarded_account_yuan,
        {{ weakest_status('wage_status', 'divisor_status', 'account_status') }} as rule_status,
        batch_id,
        source_line
    from computed
)
select * from final
