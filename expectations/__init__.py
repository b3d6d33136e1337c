"""The quality gate: rules as data, run by Great Expectations before anything is published."""
