"""How exchange files are written: whole columns at a time, in the form that their feed declares."""
