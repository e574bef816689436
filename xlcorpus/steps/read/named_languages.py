"""Whether the texts of a file can be in the languages that the user names for it."""

from __future__ import annotations

import polars as pl

from xlcorpus import languages
from xlcorpus.errors import UserError
from xlcorpus.step import SourceEnv
from xlcorpus.text.scripts import letters_of, main_script

LOOKED_AT = 500
"""Texts whose script is looked at, about."""

AMONG_LATIN = 0.1
"""Share of letters in the script of a language that is enough among Latin ones, in which names, commands and addresses
are written."""


def check_language(name: str, texts: pl.Series, file: str, env: SourceEnv, given: bool = True) -> bool:
    """Compare the language a user names with the script of the texts read under it; once it can judge it is done.

    What is odd is told as a warning. A code that is rather a country's (`kr` over Korean text) is refused.

    Args:
        name: as the user wrote it.
        texts: String; `LOOKED_AT` of them, from beginning to end, are looked at.
        file: its name in the message.
        given: whether the user gave the name for the whole file; where the rows of the file name their language,
            nothing is refused, because the file may name others too.

    Returns:
        Whether the texts have letters, by which it was judged.

    Raises:
        UserError: the name must be another.
    """
    looked_at = texts.gather_every(max(1, len(texts) // LOOKED_AT))
    script = main_script(looked_at)
    if script is None:
        return False
    if script == "Latn" and _share(looked_at, languages.script(languages.parse(name))) >= AMONG_LATIN:
        return True
    found = languages.doubt(name, script)
    if found is None:
        return True
    if found.refuse and given:
        raise UserError(f"{file}: {found.sentence}")
    env.say(f"{file}: {found.sentence}", True)
    return True


def check_languages(
    named: dict[str, list[str]],
    rows: pl.DataFrame,
    file: str,
    env: SourceEnv,
    judged: set[tuple[str, str]],
    given: bool,
) -> None:
    """`check_language` for some rows of a file, and each name once.

    Args:
        named: the names a user gave for each language column (`lang`, `src_lang`); those that differ in their tag from
            a row's are not compared with it.
        rows: records, with tags in the language columns.
        judged: the columns and names that earlier rows of the file have settled; the newly settled are added.
        given: as in `check_language`.
    """
    for column, names in named.items():
        for name in names if column in rows.columns else ():
            if (column, name) in judged:
                continue
            try:
                tag = languages.parse(name)
            except UserError:  # its rows are rejected
                continue
            if check_language(name, _texts(rows.filter(pl.col(column) == tag), column), file, env, given):
                judged.add((column, name))


def _share(texts: pl.Series, script: str) -> float:
    """Letters in a script among all letters of some texts."""
    own = letters_of(script)
    text = pl.Series([" ".join(texts.drop_nulls())])
    letters = text.str.count_matches(r"\p{L}").item()
    return text.str.count_matches(own).item() / letters if own is not None and letters else 0.0


def _texts(rows: pl.DataFrame, column: str) -> pl.Series:
    """The texts in the language that a column names."""
    for text in (column.replace("lang", "text"), column.replace("lang", "word")):
        if text in rows.columns:
            return rows[text]
    if "messages" in rows.columns:
        return rows["messages"].explode().struct.field("content")
    return pl.Series([], dtype=pl.String)
