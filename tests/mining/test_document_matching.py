"""Which documents belong together: keys, addresses without their language, vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.align.document_matching import Conflict, match_by_key, match_by_vectors, no_matches
from xlcorpus.mining.align.document_vectors import WINDOWS, document_vectors, sentence_weights
from xlcorpus.mining.align.language_free_url import language_free_url


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("https://example.org/de/x.html", "https://example.org/en/x.html"),
        ("https://example.org/de/x.html", "https://example.org/x.html"),
        ("http://de.example.org/x/", "https://www.example.org/x"),
        ("https://example.org/de-CH/x", "https://example.org/en_us/x"),
        ("https://example.org/x?lang=de&page=2", "https://example.org/x?page=2&lang=en"),
        ("docs/readme.de.md", "docs/readme.en.md"),
        ("docs/readme_de.md", "docs/readme.md"),
        ("docs/guide-deu.html", "docs/guide-eng.html"),
        ("https://example.org/Deutsch/x", "https://example.org/english/x"),
        ("https://example.org/de/", "https://example.org/en/index.html"),
        ("https://example.org/x/de", "https://example.org/x/en"),
    ],
)
def test_addresses_that_differ_in_their_language_are_one(german: str, english: str) -> None:
    assert language_free_url(german, "deu_Latn") == language_free_url(english, "eng_Latn")


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("https://example.org/de/x.html", "https://example.org/en/y.html"),
        ("https://example.org/de/x.html", "https://example.org/fr/x.html"),
        ("https://de.example.org/x", "https://example.com/x"),
        ("https://example.org/x?page=1&lang=de", "https://example.org/x?page=2&lang=en"),
        ("https://example.org/model", "https://example.org/mol"),
    ],
)
def test_addresses_that_differ_otherwise_are_not(german: str, english: str) -> None:
    assert language_free_url(german, "deu_Latn") != language_free_url(english, "eng_Latn")


def test_a_site_of_two_labels_keeps_its_name() -> None:
    assert language_free_url("https://de.org/x", "deu_Latn") == "//de.org/x"


@given(st.text(), st.sampled_from(["deu_Latn", "zho_Hans", "arb_Arab"]))
def test_any_text_is_an_address(text: str, lang: str) -> None:
    try:
        once = language_free_url(text, lang)
    except ValueError as problem:
        assert "IPv6" in str(problem) or "netloc" in str(problem)
        return
    assert once == once.lower()


def test_an_equal_key_is_a_match() -> None:
    found = match_by_key(["a", "b", None], ["c", "a", None], "id")
    assert (found.src.tolist(), found.tgt.tolist(), found.evidence) == ([0], [1], ("id",))
    assert [rest.tolist() for rest in found.rest(3, 3)] == [[1, 2], [0, 2]]


def test_a_shared_key_proves_nothing_and_is_reported() -> None:
    found = match_by_key(["a", "a", "b"], ["a", "b", "c", "c"], "url")
    assert found.src.tolist() == [2]
    assert found.conflicts == (Conflict("url", "a", (0, 1), (0,)),)


def test_later_evidence_finds_what_is_left() -> None:
    by_id = match_by_key(["a", "b", "x"], ["a", "c", "y"], "id")
    found = match_by_key(["u", "v", "w"], ["v", "v", "w"], "url", by_id)
    assert list(zip(found.src.tolist(), found.tgt.tolist(), found.evidence, strict=True)) == [
        (0, 0, "id"),
        (1, 1, "url"),
        (2, 2, "url"),
    ]


def test_near_vectors_match_one_to_one() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(50, 32)).astype(np.float32)
    order = random.permutation(50)
    y = (x + 0.1 * random.normal(size=x.shape)).astype(np.float32)[order]
    found = match_by_vectors(x, y)
    assert found.src.tolist() == list(range(50))
    assert (order[found.tgt] == found.src).all()
    assert set(found.evidence) == {"embedding"} and (found.score > 1.06).all()


def test_a_document_that_resembles_none_stays_alone() -> None:
    x = np.eye(12, dtype=np.float32)[:8]
    y = np.concatenate([x[:5], np.ones((1, 12), np.float32) - x.sum(axis=0)])
    found = match_by_vectors(x, y)
    assert found.src.tolist() == [0, 1, 2, 3, 4]
    assert [rest.tolist() for rest in found.rest(8, 6)] == [[5, 6, 7], [5]]


def test_no_documents_no_matches() -> None:
    none = np.zeros((0, 8), dtype=np.float32)
    assert len(match_by_vectors(none, np.eye(8, dtype=np.float32))) == 0
    assert len(match_by_key([], ["a"], "id", no_matches())) == 0


def test_vectors_of_two_encoders_are_refused() -> None:
    with pytest.raises(UserError, match="document vectors of 8 and 4 dimensions are not of one encoder"):
        match_by_vectors(np.eye(8, dtype=np.float32), np.eye(4, dtype=np.float32))


def test_rare_and_long_sentences_weigh_more() -> None:
    """Sentence 7 stands in all three documents, twice in the first; 1, 2, 3 in one each."""
    document, sentence = np.array([0, 0, 0, 1, 1, 2, 2]), np.array([7, 7, 1, 7, 2, 7, 3])
    weights = sentence_weights(document, sentence, np.array([9, 9, 9, 9, 36, 9, 9]), 3)
    menu, own = 3 * np.log(4 / 3), 3 * np.log(4)
    assert weights.tolist() == pytest.approx([menu, menu, own, menu, 2 * own, menu, own])


def test_the_order_of_sentences_tells_documents_apart() -> None:
    vectors = np.eye(8, dtype=np.float32)
    flat = np.concatenate([vectors, vectors[::-1]])
    found = document_vectors(flat, np.ones(16, np.float32), np.array([8, 8]))
    assert found.shape == (2, WINDOWS * 8)
    assert np.linalg.norm(found, axis=1).tolist() == pytest.approx([1, 1])
    assert found[0] @ found[1] < 0.3


def test_an_empty_document_has_no_vector() -> None:
    found = document_vectors(np.eye(2, dtype=np.float32), np.ones(2, np.float32), np.array([0, 2]))
    assert (found[0] == 0).all() and found[1].any()
