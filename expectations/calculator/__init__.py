"""What the law makes of given facts, worked out once more in Python: a third answer beside the SQL of both engines.

Pure functions on `decimal.Decimal`, written from the rule and not from the models; rates are arguments. Only tests and
the migration gate use them.
"""
