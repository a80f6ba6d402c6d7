"""The study's analyses: tables in, tables of results out; one module a question."""
