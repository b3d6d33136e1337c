-- One row per person and scheme with a pension awarded: when it began, at which age, how much (step 1 of 3).
{{ config(materialized='incremental', incremental_strategy='append', pre_hook="{{ forget_changed_persons() }}") }}
with
awards as (
    select * from {{ of_changed_persons(ref('int_awards__latest')) }} as latest
    where benefit_item_code in ('100011', '100021')
),
persons as (select * from {{ ref('int_persons__latest') }}),
awarded as (
    select
        person_number,
        insurance_code,
        min(benefit_start_month) as benefit_start_month,
        sum(case when benefit_item_code = '100011' then benefit_yuan else 0 end) as awarded_basic_yuan,
        sum(case when benefit_item_code = '100021' then benefit_yuan else 0 end) as awarded_account_yuan,
        min({{ place() }}) as line_place
    from awards
    group by person_number, insurance_code
),
aged as (
    select
        awarded.*,
        persons.sex_code,
        persons.born_on,
        coalesce(
            {{ first_day_of_month('persons.retired_on') }}, {{ add_months('awarded.benefit_start_month', '-1') }}
        ) as retired_month
    from awarded
    inner join persons on awarded.person_number = persons.person_number
),
counted as (
    select
        aged.*,
        ({{ year_of('retired_month') }} - {{ year_of('born_on') }}) * 12
        + {{ month_number('retired_month') }} - {{ month_number('born_on') }} as age_months
    from aged
),
final as (
    select
        person_number,
        insurance_code,
        {{ first_day_of_month('born_on') }} as birth_month,
        retired_month,
        benefit_start_month,
        cast(age_months as integer) as age_months,
        -- Which of the two ages holds for a woman is in no file: she who retired from 55 on is taken for the later one.
        cast(
            case
                when sex_code = '1' then 'male'
                when age_months >= 660 then 'female_55'
                else 'female_50'
            end as varchar
        ) as category_code,
        {{ yuan('awarded_basic_yuan') }} as awarded_basic_yuan,
        {{ yuan('awarded_account_yuan') }} as awarded_account_yuan,
        cast(substr(line_place, 1, 20) as varchar) as batch_id,
        cast(substr(line_place, 22, 10) as bigint) as source_line
    from counted
)
select * from final
