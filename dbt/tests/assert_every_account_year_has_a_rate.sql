-- Account years whose bookkeeping rate is missing or 0.
{{ config(tags=['law']) }}
select distinct
    'bookkeeping_rates' as seed_name,
    insurance_code,
    account_year
from {{ ref('int_account__2_rates') }}
where settled_rate is null or settled_rate <= 0
