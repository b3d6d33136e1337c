-- One row per spell of participation: its months, those that another spell has too, and the gap before it.
with
records as (select * from {{ ref('int_participation__latest') }}),
merged as (select * from {{ ref('int_person__2_survivors') }} where person_number <> surviving_person_number),
-- Months as a running number; a spell that has not ended counts to the month of as_of.
spells as (
    select
        records.participation_number,
        records.person_number as reported_person_number,
        coalesce(merged.surviving_person_number, records.person_number) as person_number,
        records.insurance_code,
        records.unit_number,
        records.start_month,
        records.end_month,
        records.contribution_status_code,
        {{ year_of('records.start_month') }} * 12 + {{ month_number('records.start_month') }} as first_number,
        coalesce(
            {{ year_of('records.end_month') }} * 12 + {{ month_number('records.end_month') }},
            greatest(
                {{ year_of(as_of()) }} * 12 + {{ month_number(as_of()) }},
                {{ year_of('records.start_month') }} * 12 + {{ month_number('records.start_month') }}
            )
        ) as last_number
    from records
    left join merged on records.person_number = merged.person_number
),
beside as (
    select
        spells.*,
        max(last_number) over (
            partition by person_number, insurance_code
            order by first_number nulls last, last_number nulls last, participation_number nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_until_number,
        lead(first_number) over (
            partition by person_number, insurance_code
            order by first_number nulls last, last_number nulls last, participation_number nulls last
        ) as next_first_number
    from spells
),
overlapping as (
    select * from beside
    where first_number <= covered_until_number or next_first_number <= last_number
),
-- What each other spell has in common with a spell; months that several others have count once.
common as (
    select
        overlapping.participation_number,
        others.participation_number as other_participation_number,
        greatest(overlapping.first_number, others.first_number) as first_number,
        least(overlapping.last_number, others.last_number) as last_number
    from overlapping
    inner join overlapping as others
        on overlapping.person_number = others.person_number
        and overlapping.insurance_code = others.insurance_code
        and overlapping.participation_number <> others.participation_number
        and overlapping.first_number <= others.last_number
        and overlapping.last_number >= others.first_number
),
common_so_far as (
    select
        common.*,
        max(last_number) over (
            partition by participation_number
            order by first_number nulls last, last_number nulls last, other_participation_number nulls last
            rows between unbounded preceding and 1 preceding
        ) as counted_until_number
    from common
),
shared as (
    select
        participation_number,
        sum(greatest(last_number - greatest(first_number, coalesce(counted_until_number + 1, first_number)) + 1, 0))
            as overlapping_month_count
    from common_so_far
    group by participation_number
),
final as (
    select
        beside.participation_number,
        beside.person_number,
        beside.reported_person_number,
        beside.insurance_code,
        beside.unit_number,
        beside.start_month,
        beside.end_month,
        beside.contribution_status_code,
        cast(beside.last_number - beside.first_number + 1 as integer) as month_count,
        cast(coalesce(shared.overlapping_month_count, 0) as integer) as overlapping_month_count,
        cast(
            case
                when beside.first_number > beside.covered_until_number + 1
                    then beside.first_number - beside.covered_until_number - 1
                else 0
            end as integer
        ) as gap_month_count
    from beside
    left join shared on beside.participation_number = shared.participation_number
)
select * from final
