-- One row per person and scheme with a pension awarded: statutory age, months required, divisor months (step 2 of 3).
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_persons() }}") }}
with
persons as (select * from {{ of_changed_persons(ref('int_pension__1_persons')) }} as persons),
retirement_ages as (select * from {{ ref('retirement_ages') }}),
required as (select * from {{ ref('required_contribution_months') }}),
divisor_rules as (select * from {{ ref('annuity_divisor_rules') }}),
divisors as (select * from {{ ref('annuity_divisor_months') }}),
born as (
    select
        persons.*,
        ages.age_months as age_without_delay_months,
        ages.step_months,
        ages.most_delay_months,
        ages.elastic_months,
        ages.status as age_status,
        ({{ year_of('persons.birth_month') }} - {{ year_of('ages.first_birth_month') }}) * 12
        + {{ month_number('persons.birth_month') }} - {{ month_number('ages.first_birth_month') }}
            as birth_months_later,
        mod(persons.age_months, 12) as months_of_age,
        (persons.age_months - mod(persons.age_months, 12)) as whole_age_months
    from persons
    left join retirement_ages as ages
        on persons.category_code = ages.category_code
        and persons.retired_month >= ages.valid_from
        and persons.retired_month < ages.valid_to
),
delayed as (
    select
        born.*,
        cast({{ divide('whole_age_months', '12', 1) }} as integer) as age_years,
        case
            when birth_months_later >= 0
                then least(
                    most_delay_months,
                    1 + {{ divide('birth_months_later - mod(birth_months_later, step_months)', 'step_months', 1) }}
                )
            else 0
        end as delay_months
    from born
),
final as (
    select
        delayed.person_number,
        delayed.insurance_code,
        cast(delayed.delay_months as integer) as delay_months,
        cast(delayed.age_without_delay_months + delayed.delay_months as integer) as statutory_age_months,
        abs(delayed.age_months - delayed.age_without_delay_months - delayed.delay_months) <= delayed.elastic_months
            as is_within_elastic_age,
        required.month_count as required_month_count,
        case
            when delayed.months_of_age = 0 or not divisor_rules.is_by_month
                then cast(whole.months as decimal(18, 1))
            else
                {{ divide(
                    '(12 - delayed.months_of_age) * whole.months + delayed.months_of_age * later.months', '12', 1
                ) }}
        end as divisor_months,
        {{ weakest_status('delayed.age_status', 'required.status') }} as age_status,
        {{ weakest_status('divisor_rules.status', 'whole.status', 'later.status') }} as divisor_status
    from delayed
    left join required
        on delayed.retired_month >= required.valid_from
        and delayed.retired_month < required.valid_to
    left join divisor_rules
        on delayed.retired_month >= divisor_rules.valid_from
        and delayed.retired_month < divisor_rules.valid_to
    left join divisors as whole
        on delayed.age_years = whole.retirement_age
        and delayed.retired_month >= whole.valid_from
        and delayed.retired_month < whole.valid_to
    left join divisors as later
        on divisor_rules.is_by_month
        and delayed.months_of_age > 0
        and delayed.age_years + 1 = later.retirement_age
        and delayed.retired_month >= later.valid_from
        and delayed.retired_month < later.valid_to
)
select * from final
