import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.outcomes import Outcome
from xlcorpus.row_calls import run_rows
from xlcorpus.step import RowEnv
from xlcorpus.steps.vary.transliterate import Transliterate


def run(step: Transliterate, rows: pl.DataFrame, kind: str = "sentence") -> Outcome:
    env = RowEnv(kind=kind, step="transliterate")
    env.loaded = step.open(env)
    return run_rows(step, records.finish(rows, kind), env, raise_errors=True)


@pytest.fixture
def rows() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "text": ["मेरा घर Berlin में है।", "Guten Morgen, Köln.", "Доброе утро", "你好，朋友"],
            "lang": ["hin_Deva", "deu_Latn", "rus_Cyrl", "zho_Hans"],
            "license": ["cc0-1.0"] * 4,
        }
    )


def test_a_variant_knows_what_it_was_and_what_changed(rows: pl.DataFrame) -> None:
    ids = records.finish(rows, "sentence")["id"]

    variant = run(Transliterate(), rows).kept.row(0, named=True)

    assert variant["text"] == "meraa ghar Berlin mem hai."
    assert variant["original_text"] == "मेरा घर Berlin में है।"
    assert (variant["lang"], variant["langs"], variant["method"]) == ("hin_Latn", ["hin_Latn"], "uroman")
    assert (variant["origin"], variant["parents"], variant["license"]) == ("transformed", [ids[0]], "cc0-1.0")
    assert [span["original"] for span in variant["spans"]] == ["मेरा", "घर", "में", "है।"]
    for span in variant["spans"]:
        assert variant["text"][span["start"] : span["end"]] == span["replacement"]
        assert span["lang"] == "hin_Latn"


def test_latin_rows_are_rejected_by_name(rows: pl.DataFrame) -> None:
    outcome = run(Transliterate(), rows)

    assert outcome.kept["lang"].to_list() == ["hin_Latn", "rus_Latn", "zho_Latn"]
    assert outcome.rejected.select("rule", "value").rows() == [("not_asked", "deu_Latn")]


def test_only_the_languages_asked_for(rows: pl.DataFrame) -> None:
    outcome = run(Transliterate(languages=["Hindi"]), rows)

    assert outcome.kept["lang"].to_list() == ["hin_Latn"]
    assert outcome.rejected.select("rule", "value").sort("value").rows() == [
        ("not_asked", "deu_Latn"),
        ("not_asked", "rus_Cyrl"),
        ("not_asked", "zho_Hans"),
    ]


def test_a_text_of_digits_has_nothing_to_change() -> None:
    outcome = run(Transliterate(), pl.DataFrame({"text": ["12:30"], "lang": ["hin_Deva"]}))

    assert outcome.rejected["rule"].to_list() == ["not_asked"]


def test_one_side_of_a_pair() -> None:
    pairs = pl.DataFrame(
        {
            "src_text": ["Good morning"],
            "tgt_text": ["Доброе утро"],
            "src_lang": ["eng_Latn"],
            "tgt_lang": ["rus_Cyrl"],
        }
    )

    assert run(Transliterate(side="tgt"), pairs, "pair").kept["text"].to_list() == ["Dobroye utro"]


def test_every_row_is_accounted_for(rows: pl.DataFrame) -> None:
    outcome = run(Transliterate(), rows)

    assert outcome.kept.height + outcome.rejected.height == rows.height


def test_no_rows_make_no_variants(rows: pl.DataFrame) -> None:
    assert run(Transliterate(), rows.head(0)).kept.height == 0


def test_an_unknown_language_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="did you mean 'German'"):
        Transliterate(languages=["Germn"])
