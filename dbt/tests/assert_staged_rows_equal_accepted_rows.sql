-- Batches of staged feeds of which not every accepted line is staged, or more than those.
{%- set staged_feeds = [
    ('tax_bureau', 'contribution_receipts'),
    ('tax_bureau', 'levy_plan'),
    ('tax_bureau', 'levy_plan_persons'),
    ('tax_bureau', 'levy_plan_acknowledgements'),
    ('tax_bureau', 'unit_declarations'),
    ('finance_bureau', 'fiscal_account_entries'),
    ('finance_bureau', 'treasury_receipts'),
    ('finance_bureau', 'subsidy_transfers'),
    ('banks', 'benefit_payment_returns'),
    ('banks', 'benefit_payment_batch'),
    ('banks', 'account_statements'),
    ('core_system', 'insured_units'),
    ('core_system', 'insured_persons'),
    ('core_system', 'participation'),
    ('core_system', 'benefit_awards'),
    ('core_system', 'account_openings'),
    ('core_system', 'work_injury_floating_rates'),
    ('core_system', 'construction_projects'),
    ('legacy_system', 'persons'),
    ('legacy_system', 'account_balances'),
    ('public_service_platform', 'institution_declarations'),
    ('service_windows', 'daily_window_log'),
    ('service_windows', 'service_ratings'),
    ('service_windows', 'complaints'),
    ('work_injury_providers', 'post_paid_settlements'),
    ('certification', 'benefit_entitlement_certifications'),
    ('annuity', 'occupational_annuity_contributions')
] %}
with
feeds as (
    {%- for source_name, feed_name in staged_feeds %}
    select
        '{{ source_name }}' as source_name,
        '{{ feed_name }}' as feed_name
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
staged as (
    {%- for source_name, feed_name in staged_feeds %}
    select
        batch_id,
        count(*) as staged_row_count
    from {{ ref('stg_' ~ source_name ~ '__' ~ feed_name) }}
    group by batch_id
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
batches as (
    select batches.*
    from {{ ref('stg_landing__current_batches') }} as batches
    inner join feeds on batches.source_name = feeds.source_name and batches.feed_name = feeds.feed_name
),
final as (
    select
        batches.batch_id,
        batches.accepted_row_count,
        staged.staged_row_count
    from batches
    left join staged on batches.batch_id = staged.batch_id
    where batches.accepted_row_count <> coalesce(staged.staged_row_count, 0)
        or batches.accepted_row_count + batches.rejected_row_count <> batches.received_row_count
)
select * from final
