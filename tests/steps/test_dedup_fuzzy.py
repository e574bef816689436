"""Nearly equal rows, rows of an earlier release, and what is kept and marked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from xlcorpus import records
from xlcorpus.errors import UserError
from xlcorpus.outcomes import Outcome
from xlcorpus.step import CorpusEnv, Table
from xlcorpus.steps import Deduplicate
from xlcorpus.steps.dedup.shards import numbered

FOX = "Der alte Fischer fährt jeden Morgen vor Sonnenaufgang mit seinem Boot weit auf den stillen See hinaus"


def rows(texts: Sequence[str], lang: str | Sequence[str] = "deu_Latn", **columns: Sequence[Any]) -> pl.DataFrame:
    langs = [lang] * len(texts) if isinstance(lang, str) else lang
    ids = [f"r{i}" for i in range(len(texts))]
    return records.finish(pl.DataFrame({"id": ids, "text": texts, "lang": langs, **columns}), "document")


def kept(step: Deduplicate, frame: pl.DataFrame) -> list[str]:
    return step(frame, kind="document")["id"].to_list()


def rejected(outcome: Outcome) -> list[tuple[str, str, str]]:
    return outcome.rejected.select("id", "rule", "value").rows()


def words(count: int, seed: int) -> list[str]:
    """Random words of letters of no language."""
    random = np.random.default_rng(seed)
    return ["".join(random.choice(list("abcdefghijklmnopqrstuvwxyz"), 7)) for _ in range(count)]


def test_nearly_equal_rows_go() -> None:
    texts = [FOX, FOX.replace("stillen", "ruhigen"), "Etwas ganz anderes steht hier", FOX.upper() + "!"]
    outcome = Deduplicate(match="fuzzy").outcome(rows(texts), kind="document")
    assert outcome.kept["id"].to_list() == ["r0", "r2"]
    assert rejected(outcome) == [("r1", "duplicate", "r0"), ("r3", "duplicate", "r0")]


def test_other_numbers_are_another_text_unless_they_are_ignored() -> None:
    texts = [f"Am {day}. Mai fährt der Zug nach Bern um {day + 3} Uhr ab" for day in range(1, 20)]
    assert len(kept(Deduplicate(match="fuzzy"), rows(texts))) == 19
    assert kept(Deduplicate(match="fuzzy", numbers="ignore"), rows(texts)) == ["r0"]


def test_a_family_of_filled_templates_does_not_collapse() -> None:
    places, plants = words(60, 1), words(60, 2)
    texts = [f"In {a} wächst die Pflanze {b} am Ufer des Flusses" for a in places for b in plants[:10]]
    assert len(kept(Deduplicate(match="fuzzy"), rows(texts))) > 500


def test_a_row_stands_only_for_rows_that_resemble_it() -> None:
    vocabulary = words(200, 3)
    texts = [" ".join(vocabulary[i : i + 100]) for i in range(0, 60, 2)]  # each resembles the next, not the last
    outcome = Deduplicate(match="fuzzy").outcome(rows(texts), kind="document")
    grams = [{*zip(*(t.split()[i:] for i in range(5)), strict=False)} for t in texts]
    assert 3 <= outcome.kept.height < 30
    for row, _, of in rejected(outcome):
        a, b = grams[int(row[1:])], grams[int(of[1:])]
        assert len(a & b) / len(a | b) >= 0.8


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        (
            "arb_Arab",
            [
                "ذهب الولد إلى المدرسة مع أخته الكبيرة في الصباح",
                "تشرق الشمس كل يوم من جهة الشرق فوق الجبل",
                "نعم",
                "لا",
            ],
        ),
        ("zho_Hans", ["我们明天早上一起去公园散步然后买东西", "昨天晚上他在家里看了一本很有意思的书", "是的", "不是"]),
        ("tha_Thai", ["เด็กผู้ชายไปโรงเรียนกับพี่สาวในตอนเช้า", "พระอาทิตย์ขึ้นทางทิศตะวันออกทุกวัน", "ใช่", "ไม่"]),
        ("khm_Khmr", ["ក្មេងប្រុសទៅសាលារៀនជាមួយបងស្រីនៅពេលព្រឹក", "ព្រះអាទិត្យរះនៅទិសខាងកើតរាល់ថ្ងៃ", "បាទ", "ទេ"]),
        ("hin_Deva", ["लड़का सुबह अपनी बड़ी बहन के साथ स्कूल गया", "सूरज हर दिन पूर्व दिशा से निकलता है", "हाँ", "नहीं"]),
        ("amh_Ethi", ["ልጁ ጠዋት ከእህቱ ጋር ወደ ትምህርት ቤት ሄደ", "ፀሐይ በየቀኑ ከምሥራቅ ትወጣለች", "አዎ", "አይ"]),
    ],
)
def test_other_texts_stay_and_a_changed_end_goes_in_every_script(lang: str, texts: list[str]) -> None:
    changed = [texts[0] + "!", texts[1] + texts[1][-1]]
    assert kept(Deduplicate(match="fuzzy"), rows([*texts, *changed], lang)) == ["r0", "r1", "r2", "r3"]


def test_empty_texts_and_symbols() -> None:
    texts = ["", "", "👍", "👎", "👍", "a", "b", "a"]
    assert kept(Deduplicate(match="fuzzy"), rows(texts)) == ["r0", "r2", "r3", "r5", "r6"]
    assert kept(Deduplicate(match="fuzzy"), rows([])) == []


def test_rows_are_compared_within_a_language_a_source_or_all() -> None:
    frame = rows([FOX] * 4, ["deu_Latn", "deu_Latn", "nld_Latn", "deu_Latn"], source=["web", "book", "web", "web"])
    for match in ("exact", "folded", "fuzzy"):
        assert kept(Deduplicate(match=match), frame) == ["r0", "r2"]
        assert kept(Deduplicate(match=match, within="source"), frame) == ["r0", "r1", "r2"]
        assert kept(Deduplicate(match=match, within="all"), frame) == ["r0"]


def test_the_best_row_by_a_column_is_kept_and_the_order_of_the_table() -> None:
    frame = rows(
        [FOX, "Ein anderer Satz", FOX, FOX + "!", "ein anderer satz"],
        quality_x=[0.3, None, 0.9, 0.9, float("nan")],
    ).with_columns(id=pl.Series(["e", "d", "c", "b", "a"]))
    for match in ("folded", "fuzzy"):
        outcome = Deduplicate(match=match, keep_best="quality_x").outcome(frame, kind="document")
        assert outcome.kept["id"].to_list() == ["b", "a"]
        assert rejected(outcome) == [("e", "duplicate", "b"), ("d", "duplicate", "a"), ("c", "duplicate", "b")]


def test_marked_rows_stay_with_the_size_of_their_cluster() -> None:
    frame = rows([FOX, "Ein anderer Satz", FOX + ".", FOX])
    for match in ("folded", "fuzzy"):
        made = Deduplicate(match=match, mark=True)(frame, kind="document")
        assert made.select("id", "duplicate_of", "cluster_size").rows() == [
            ("r0", None, 3),
            ("r1", None, 1),
            ("r2", "r0", 3),
            ("r3", "r0", 3),
        ]


def test_a_mark_of_an_earlier_step_stays() -> None:
    frame = rows([FOX, "Ein anderer Satz"]).with_columns(duplicate_of=pl.Series([None, "r9"], dtype=pl.String))
    assert Deduplicate(mark=True)(frame, kind="document")["duplicate_of"].to_list() == [None, "r9"]


def test_rows_of_an_earlier_release_are_not_taken_again(tmp_path: Path) -> None:
    (tmp_path / "old/data/text").mkdir(parents=True)
    old = rows([FOX, "Ein alter Satz über das Wetter in den Bergen"]).with_columns(id=pl.format("old{}", "id"))
    old.write_parquet(tmp_path / "old/data/text/train-00000-of-00001.parquet")
    pl.DataFrame({"word": ["a"]}).write_parquet(tmp_path / "old/data/lexicon.parquet")
    frame = rows(["Ein neuer Satz", FOX + "!", "Ein neuer Satz"], quality_x=[0.1, 0.5, 0.9])
    for match in ("folded", "fuzzy"):
        outcome = Deduplicate(match=match, against=tmp_path / "old").outcome(frame, kind="document")
        assert outcome.kept["id"].to_list() == ["r0"]
        assert rejected(outcome) == [("r1", "duplicate", "oldr0"), ("r2", "duplicate", "r0")]
        best = Deduplicate(match=match, against=tmp_path / "old", keep_best="quality_x")
        assert kept(best, frame) == ["r2"]


def test_a_new_row_that_would_join_two_splits_is_rejected(tmp_path: Path) -> None:
    base = words(100, 5)
    for name, text in (("train", base[:90]), ("test", base[10:])):  # too far apart to be one
        rows([" ".join(text)]).with_columns(id=pl.lit(name)).write_parquet(tmp_path / f"{name}-00000-of-00001.parquet")
    frame = rows([" ".join(base[5:95]), " ".join(base[:88]), "Ein neuer Satz"])
    outcome = Deduplicate(match="fuzzy", against=tmp_path, mark=True).outcome(frame, kind="document")
    assert outcome.kept.select("id", "duplicate_of").rows() == [("r1", "train"), ("r2", None)]
    assert [r[:2] for r in rejected(outcome)] == [("r0", "split_leak")]


def test_a_folder_without_rows_of_the_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no folder with Parquet files"):
        Deduplicate(against=tmp_path).preflight()
    pl.DataFrame({"word": ["a"], "lang": ["deu_Latn"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(UserError, match=r"holds rows of kind document; .* lacks 'text'"):
        Deduplicate(against=tmp_path)(rows([FOX]), kind="document")


def test_other_content_in_the_folder_is_another_step(tmp_path: Path) -> None:
    rows([FOX]).write_parquet(tmp_path / "a.parquet")
    before = Deduplicate(against=tmp_path).models()
    rows([FOX + "!!"]).write_parquet(tmp_path / "a.parquet")
    assert Deduplicate(against=tmp_path).models() != before


def pairs(*sides: tuple[str, str]) -> pl.DataFrame:
    frame = pl.DataFrame({"src_text": [s for s, _ in sides], "tgt_text": [t for _, t in sides]})
    ids = pl.Series([f"p{i}" for i in range(len(sides))])
    return frame.with_columns(id=ids, src_lang=pl.lit("deu_Latn"), tgt_lang=pl.lit("eng_Latn"), score=pl.lit(1.0))


@pytest.mark.parametrize("match", ["exact", "folded", "fuzzy"])
def test_pairs_by_both_sides_either_or_one(match: str) -> None:
    frame = pairs(
        ("Guten Morgen", "Good morning"),
        ("Guten Morgen", "Morning"),
        ("Schönen Tag", "Morning"),
        ("Guten Tag", "Good morning"),
        ("Guten Morgen", "Good morning"),
    )
    kept = {
        sides: Deduplicate(match=match, pairs=sides)(frame, kind="pair")["id"].to_list()
        for sides in ("both", "either", "source", "target")
    }
    assert kept == {
        "both": ["p0", "p1", "p2", "p3"],
        "either": ["p0", "p2"],
        "source": ["p0", "p2", "p3"],
        "target": ["p0", "p1"],
    }


def test_swapped_sides_are_another_pair() -> None:
    frame = pairs(("Berlin Hauptbahnhof", "Hamburg Altona"), ("Hamburg Altona", "Berlin Hauptbahnhof"))
    assert Deduplicate(match="fuzzy")(frame, kind="pair").height == 2


def turns(*said: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"role": role, "content": text, "tool_calls": None, "reasoning": None} for role, text in said]


@pytest.mark.parametrize("match", ["exact", "folded", "fuzzy"])
def test_preferences_with_other_prompts_are_no_duplicates(match: str) -> None:
    prompts = [
        "Ist Bern die Hauptstadt der Schweiz?",
        "Liegt der Rhein in Europa?",
        "Ist Bern die Hauptstadt der Schweiz?",
    ]
    frame = pl.DataFrame(
        {
            "id": ["1", "2", "3"],
            "prompt": [turns(("user", prompt)) for prompt in prompts],
            "chosen": [turns(("assistant", "Ja."))] * 3,
            "rejected": [turns(("assistant", "Nein."))] * 3,
            "lang": "deu_Latn",
        }
    )
    assert Deduplicate(match=match)(frame, kind="preference")["id"].to_list() == ["1", "2"]


@pytest.mark.parametrize("match", ["exact", "folded", "fuzzy"])
def test_instructions_with_other_questions_or_answers_are_no_duplicates(match: str) -> None:
    system = ("system", "Du bist ein hilfreicher Assistent und antwortest kurz")
    frame = pl.DataFrame(
        {
            "id": ["1", "2", "3", "4"],
            "messages": [
                turns(system, ("user", "Regnet es?"), ("assistant", "Ja, es regnet.")),
                turns(system, ("user", "Schneit es?"), ("assistant", "Ja, es regnet.")),
                turns(system, ("user", "Regnet es?"), ("assistant", "Keineswegs.")),
                turns(system, ("user", "Regnet es?"), ("assistant", "Ja, es regnet.")),
            ],
            "task": "t",
        }
    ).with_columns(pl.lit("deu_Latn").alias(c) for c in ("lang", "prompt_lang", "response_lang"))
    assert Deduplicate(match=match)(frame, kind="instruction")["id"].to_list() == ["1", "2", "3"]


def corpus(count: int) -> pl.DataFrame:
    """Texts of several scripts and lengths, a third of them near copies of others."""
    random = np.random.default_rng(9)
    vocabularies = [
        words(300, 10),
        [*"我们明天早上一起去公园散步然后买东西昨晚他在家里看书"],
        ["ক", "খা", "গি", "ঘু", "চে", "ছো"] * 9,
    ]
    texts: list[str] = []
    for i in range(count):
        vocabulary = vocabularies[i % 3]
        if i > 30 and i % 3 == 0:
            changed = texts[i - 30].split(" ")
            changed[int(random.integers(len(changed)))] = "neu"
            texts.append(" ".join(changed))
        else:
            texts.append(("" if i % 3 == 1 else " ").join(random.choice(vocabulary, int(random.integers(3, 60)))))
    return rows(texts).with_columns(quality_x=pl.Series(random.integers(0, 5, count) / 5))


@pytest.mark.parametrize("options", [{}, {"keep_best": "quality_x"}, {"mark": True}])
@pytest.mark.parametrize("match", ["folded", "fuzzy"])
def test_the_result_does_not_depend_on_shards(tmp_path: Path, match: str, options: dict[str, Any]) -> None:
    frame = corpus(900)
    made = []
    for shards in (1, 8):
        folder = tmp_path / str(shards)
        folder.mkdir()
        paths = tuple(folder / f"{i}.parquet" for i in range(shards))
        for path, part in zip(paths, frame.iter_slices(-(-900 // shards)), strict=True):
            part.write_parquet(path)
        gone: list[pl.DataFrame] = []
        env = CorpusEnv(
            kind="document",
            scratch=folder,
            keep=folder / "kept",
            reject=lambda refused, rule, of, gone=gone: gone.append(refused.select("id", of=of)),  # type: ignore[misc]
        )
        made.append(pl.concat(Deduplicate(match=match, **options).run({"rows": Table("document", paths)}, env)))
        made.append(pl.concat([pl.DataFrame(schema={"id": pl.String, "of": pl.String}), *gone]))
    assert made[0].equals(made[2])
    assert made[1].equals(made[3])
    assert options.get("mark") or made[1].height > (100 if match == "fuzzy" else 0)


def test_options_of_fuzzy_are_refused_beside_another_match() -> None:
    with pytest.raises(ValidationError, match="threshold has no effect here: it is for match: fuzzy"):
        Deduplicate(match="folded", threshold=0.9)


def test_exact_minds_no_unicode_form() -> None:
    assert kept(Deduplicate(match="exact"), rows(["Caf\u00e9", "Cafe\u0301", "CAFE\u0301"])) == ["r0", "r2"]


def test_a_file_without_rows_before_others_changes_nothing(tmp_path: Path) -> None:
    rows = records.finish(
        pl.DataFrame({"text": ["ein Satz über Hunde", "ein anderer"], "lang": "deu_Latn"}), "sentence"
    )
    rows.head(0).write_parquet(tmp_path / "0.parquet")
    rows.write_parquet(tmp_path / "1.parquet")
    assert [(s.start, s.rows) for s in numbered([(tmp_path / f"{n}.parquet", 0) for n in (0, 1, 0)])] == [(0, 2)]
