-- One row per expectation of a warehouse macro: what it makes of literals, and whether that is right on this engine.
with
expectations as (
    {%- for statement, expression, expected in [
        ('yuan rounds half away from zero', yuan('2.675'), '2.68'),
        ('yuan rounds a negative half away from zero', yuan('-2.675'), '-2.68'),
        ('yuan rounds down below half', yuan('2.674999'), '2.67'),
        ('apply_rate rounds half up', apply_rate('4357.80', '0.08'), '348.62'),
        ('apply_rate rounds a tie away from zero', apply_rate('0.50', '0.01'), '0.01'),
        ('apply_rate takes a provincial total', apply_rate('9999999999999.99', '0.190000'), '1900000000000.00'),
        ('divide is exact at a tie', divide('cast(0.06 as decimal(18, 2))', '12', 2), '0.01'),
        ('divide rounds a negative tie away from zero', divide('cast(-0.06 as decimal(18, 2))', '12', 2), '-0.01'),
        ('divide rounds just below a tie down', divide('cast(0.05999999 as decimal(18, 8))', '12', 2), '0.00'),
        ('divide is exact with 17 digits',
            divide('cast(119999999999999.94 as decimal(24, 2))', '12', 2), '10000000000000.00'),
        ('divide takes a negative divisor', divide('1', '-3', 6), '-0.333333'),
        ('divide by zero is unknown', 'coalesce(' ~ divide('1', '0', 6) ~ ', -1)', '-1'),
        ('first_day_of_month of a leap day', first_day_of_month("cast('2016-02-29' as date)"),
            "cast('2016-02-01' as date)"),
        ('add_months crosses the year', add_months("cast('2016-12-01' as date)", 1), "cast('2017-01-01' as date)"),
        ('add_months goes back', add_months("cast('2016-01-01' as date)", -12), "cast('2015-01-01' as date)"),
        ('year_of is the calendar year', year_of("cast('2016-12-31' as date)"), '2016'),
        ('month_number counts from 1', month_number("cast('2016-01-31' as date)"), '1'),
        ('digest is MD5 of the UTF-8 text', digest("'待遇'"), "'7d7dc5437242956478e0b0f57297e467'")
    ] %}
    select
        '{{ statement }}' as expectation,
        {{ expression }} = {{ expected }} as is_met
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
)
select * from expectations
