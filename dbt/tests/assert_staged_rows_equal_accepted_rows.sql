-- Batches of which not every accepted line is staged, or more than those.
with
staged as (
    {%- for source_name, feed_name in [
        ('tax_bureau', 'contribution_receipts'),
        ('finance_bureau', 'fiscal_account_entries'),
        ('banks', 'benefit_payment_returns'),
        ('core_system', 'insured_units'),
        ('core_system', 'insured_persons'),
        ('core_system', 'participation'),
        ('core_system', 'benefit_awards'),
        ('core_system', 'account_openings'),
        ('legacy_system', 'persons'),
        ('legacy_system', 'account_balances')
    ] %}
    select
        batch_id,
        count(*) as staged_row_count
    from {{ ref('stg_' ~ source_name ~ '__' ~ feed_name) }}
    group by batch_id
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),
batches as (select * from {{ ref('stg_landing__current_batches') }}),
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
