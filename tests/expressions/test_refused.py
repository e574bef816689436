"""What SQL of recipes may not hold, each with what to write instead."""

import pytest

from xlcorpus.errors import UserError
from xlcorpus.expressions.refused import check, check_tables
from xlcorpus.expressions.syntax import parse

REFUSED = {
    "SELECT random()": "draw('purpose', id)",
    "SELECT gen_random_uuid()": "draw('purpose', id)",
    "SELECT list_transform([1], lambda x: x + random())": "random()",
    "SELECT hash(a) FROM t": "md5(x)",
    "SELECT now()": "write the date as a literal",
    "SELECT current_date": "write the date as a literal",
    "SELECT current_setting('threads')": "what the database is set to",
    "SELECT user": "what the database is set to",
    "SELECT pg_backend_pid()": "what the database is set to",
    "SELECT * FROM duckdb_settings()": "what the database is set to",
    "SELECT * FROM read_csv('/etc/hosts')": "reads files",
    "SELECT * FROM glob('*')": "reads files",
    "SELECT * FROM query('SELECT random()')": "reads files or the database's state",
    "SELECT * FROM '/etc/hosts'": "no table '/etc/hosts'",
    "SELECT * FROM information_schema.tables": "no table 'information_schema.tables'",
    "SELECT * FROM t TABLESAMPLE 10%": "SAMPLE draws other rows",
    "SELECT * FROM t USING SAMPLE 5": "SAMPLE draws other rows",
    "SELECT reservoir_quantile(a, 0.5) FROM t": "quantile_cont",
    "SELECT regexp_extract(a, '\\w+') FROM t": "[\\p{L}\\p{M}\\p{N}_]",
    "SELECT a ~ '^\\d' FROM t": "\\p{Nd}",
    "SELECT a SIMILAR TO 'x\\S' FROM t": "[^\\p{Z}\\t\\n\\r]",
    "SELECT regexp_matches(a, '\\bin\\b') FROM t": "words(t, lang)",
    "SELECT string_split_regex(a, '[[:space:]]+') FROM t": "[\\p{Z}\\t\\n\\r]",
    "SELECT regexp_replace(a, 'x' || '\\d', '') FROM t": "\\p{Nd}",
    "SELECT draw('x', 'id') FROM t": "needs a column as its key",
    "SELECT draw(id) FROM t": "draw('split', id)",
    "SELECT a FROM t WHERE a = ?": "write the value",
    "SHOW TABLES": "no SELECT",
    "SUMMARIZE t": "no SELECT",
    "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT 1": "INSERT changes a table",
    "PIVOT t ON a USING sum(b)": "PIVOT needs its values",
    "COPY t TO 'x.csv'": "this is COPY, not SELECT",
    "SET threads = 4": "this is SET, not SELECT",
    "SELECT 1; SELECT 2": "2 SQL statements",
    "SELEC 1": 'this is not SQL: syntax error at or near "SELEC"',
    "": "0 SQL statements",
}


def refusal(sql: str) -> str | None:
    """Why a query is refused; None if it is not."""
    try:
        tree = parse(sql)
        check(tree, {"a", "b", "id"})
        check_tables(tree, {"t"})
    except UserError as problem:
        return str(problem)
    return None


@pytest.mark.parametrize(("sql", "instead"), REFUSED.items())
def test_refused_with_what_to_write_instead(sql: str, instead: str) -> None:
    assert instead in str(refusal(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT regexp_extract(a, '[\\p{L}\\p{M}\\p{N}]+') FROM t",
        "SELECT a ~ '\\\\d' FROM t",  # a backslash and a d
        "SELECT a LIKE '%\\d%' FROM t",  # no pattern of RE2
        "SELECT user FROM (SELECT a AS user FROM t)",
        "WITH c AS (SELECT 1 AS x) SELECT * FROM c, unnest([1, 2]) u(y)",
        "PIVOT t ON a IN ('deu', 'hin') USING first(b) GROUP BY id",
        "SELECT a FROM t QUALIFY row_number() OVER (PARTITION BY b ORDER BY draw('x', id)) = 1",
        "SELECT age(a, b) FROM t",
    ],
)
def test_what_gives_equal_results_for_equal_rows_passes(sql: str) -> None:
    assert refusal(sql) is None
