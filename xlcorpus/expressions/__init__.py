"""SQL of recipes: DuckDB's dialect, without files, clocks, chance and threads, so that equal rows give equal results.

`row_expression` is computed of each row for itself; `query` makes a table of tables.
"""
