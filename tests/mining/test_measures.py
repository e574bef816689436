import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.mining.evaluate.hard_negatives import hard_negatives
from xlcorpus.mining.evaluate.measures import MISALIGNED, hubness, translation_ranks, xsim, xsim_plus


def aligned(n, dim=16, noise=0.8, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, dim))
    return x.astype(np.float32), (x + noise * draw.normal(size=(n, dim))).astype(np.float32)


def cosines(x, y):
    x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (x.astype(float), y.astype(float)))
    return x @ y.T


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 40), noise=st.floats(0.1, 3), seed=st.integers(0, 99))
def test_ranks_and_mexa_equal_brute_force(n, noise, seed):
    x, y = aligned(n, noise=noise, seed=seed)
    cos = cosines(x, y)
    own = np.diag(cos)
    others = ~np.eye(n, dtype=bool)
    for side in (own[:, None], own):  # single precision cannot tell such cosines apart: they count as equal
        assume((np.abs(cos - side)[others] > 1e-5).all())
    ranks = translation_ranks(x, y)
    np.testing.assert_array_equal(ranks.forward, 1 + (cos > own[:, None]).sum(axis=1))
    np.testing.assert_array_equal(ranks.backward, 1 + (cos > own).sum(axis=0))
    best = [all(cos[i, i] > cos[i, j] and cos[i, i] > cos[j, i] for j in range(n) if j != i) for i in range(n)]
    assert ranks.mexa == pytest.approx(np.mean(best))
    assert ranks.p_at_1[0] == pytest.approx((cos.argmax(axis=1) == np.arange(n)).mean())
    assert ranks.mrr[1] == pytest.approx((1 / ranks.backward).mean())


def test_many_blocks_give_the_same_ranks(monkeypatch):
    x, y = aligned(50)
    whole = translation_ranks(x, y, [i // 2 for i in range(50)], [i // 3 for i in range(50)])
    monkeypatch.setattr("xlcorpus.mining.evaluate.measures.BLOCK_VALUES", 350)
    parts = translation_ranks(x, y, [i // 2 for i in range(50)], [i // 3 for i in range(50)])
    np.testing.assert_array_equal(whole.forward, parts.forward)
    np.testing.assert_array_equal(whole.backward, parts.backward)


def test_an_equal_vector_ranks_before_unless_its_text_is_a_copy():
    x = np.eye(3, dtype=np.float32)
    y = np.eye(3, dtype=np.float32)[[0, 0, 2]]
    x[1] = x[0]
    assert translation_ranks(x, y).forward.tolist() == [2, 2, 1]
    ranks = translation_ranks(x, y, ["a", "a", "b"], ["A", "A", "B"])
    assert ranks.mexa == 1.0


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 40), noise=st.floats(0.3, 3), k=st.integers(1, 6), seed=st.integers(0, 99))
def test_xsim_equals_its_definition(n, noise, k, seed):
    x, y = aligned(n, noise=noise, seed=seed)
    cos = cosines(x, y)
    k_here = min(k, n)
    x_mean = np.sort(cos, axis=1)[:, -k_here:].mean(axis=1)
    y_mean = np.sort(cos, axis=0)[-k_here:].mean(axis=0)
    margin = cos - (x_mean[:, None] + y_mean) / 2
    near = np.argsort(-cos, axis=1)[:, :k_here]
    taken = [row[np.argmax(margin[i, row])] for i, row in enumerate(near)]
    assert xsim(x, y, k=k, margin="distance", device="cpu").rate == np.mean(np.array(taken) != np.arange(n))


def test_xsim_takes_a_copy_of_the_right_text_for_right():
    x = np.array([[1, 0, 0], [0, 1, 0.1], [0, 1, 0.3]], dtype=np.float32)
    y = np.array([[1, 0, 0], [0, 1, 0.3], [0, 1, 0.1]], dtype=np.float32)
    assert xsim(x, y, margin="absolute", device="cpu").wrong.tolist() == [1, 2]
    assert xsim(x, y, margin="absolute", tgt_texts=["a", "b", "b"], device="cpu").rate == 0


def test_xsim_plus_tells_which_negative_was_taken():
    x = np.eye(4, dtype=np.float32)
    y = np.concatenate([np.eye(4) + 0.3, [[0, 1, 0, 0], [0, 0, 1, 0]]]).astype(np.float32)
    # The first negative is made of its own sentence, the second of another one.
    error = xsim_plus(x, y, made_of=[1, 3], kinds=["number", "entity"], margin="absolute", device="cpu")
    assert error.wrong.tolist() == [1, 2]
    assert error.kinds == ("number", MISALIGNED)
    assert error.rate == 0.5
    assert error.by_kind == {MISALIGNED: 0.25, "number": 0.25}


@pytest.mark.parametrize(
    ("x", "y"), [(np.ones((2, 3)), np.ones((3, 3))), (np.ones((2, 3)), np.ones((2, 4))), (np.ones((0, 3)),) * 2]
)
def test_sides_that_are_no_pairs_are_refused(x, y):
    for measure in (xsim, translation_ranks):
        with pytest.raises(UserError, match="must be a pair"):
            measure(x, y)


def test_counts_of_negatives_and_texts_must_fit():
    with pytest.raises(UserError, match="leave 1 hard negatives"):
        xsim_plus(np.ones((2, 3)), np.ones((3, 3)), made_of=[0, 1], kinds=["number", "number"])
    with pytest.raises(UserError, match="but 1 texts"):
        translation_ranks(np.ones((2, 3)), np.ones((2, 3)), ["a"])


def test_hubness_of_even_lists_is_none():
    even = hubness(np.array([[0, 1], [1, 2], [2, 0]]), targets=3)
    assert (even.skewness, even.antihubs, even.largest) == (0.0, 0.0, 2)


def test_hubness_equals_its_definition():
    index = np.array([[0, -1], [0, 1], [0, 2], [0, 1]])
    times = np.array([4, 2, 1, 0, 0])
    found = hubness(index, targets=5)
    assert found.skewness == pytest.approx(((times - 1.4) ** 3).mean() / times.std() ** 3)
    assert (found.antihubs, found.largest) == (0.4, 4)


ENGLISH = [
    "In 1994 Anna went to Berlin.",
    "We met Peter on 12 May.",
    "It rains.",
    "The train to Oslo leaves at 7.",
]


def test_a_number_becomes_another_of_the_same_length():
    found = hard_negatives(ENGLISH, ["number"])
    assert found.made_of.tolist() == [0, 1, 3]
    assert found.texts[0].endswith(" Anna went to Berlin.")
    assert found.texts[0].split()[1].isdigit()
    assert len(found.texts[0]) == len(ENGLISH[0])


def test_digits_stay_those_of_the_script():
    (text,) = hard_negatives(["वह १२ बजे आया"], ["number"]).texts
    (number,) = [w for w in text.split() if w.isdigit()]
    assert number != "१२"
    assert all("०" <= c <= "९" for c in number)


def test_a_name_becomes_a_name_of_another_sentence_and_the_first_word_is_none():
    found = hard_negatives(ENGLISH, ["entity"])
    assert found.made_of.tolist() == [0, 1, 3]
    names = {"Anna", "Berlin", "Peter", "May", "Oslo"}
    for text, row in zip(found.texts, found.made_of, strict=True):
        new = set(text.strip(".").split()) - set(ENGLISH[row].strip(".").split())
        assert len(new) == 1
        assert new <= names


def test_cherokee_capitals_are_no_names_and_those_of_adlam_are():
    assert hard_negatives(["ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "ᎠᏂ ᎤᏓᏂᏍᏗ"], ["entity"]).texts == []
    assert hard_negatives(["𞤢𞤣 𞤀𞤣𞤤", "𞤢𞤥 𞤁𞤣𞤥"], ["entity"]).texts == ["𞤢𞤣 𞤁𞤣𞤥", "𞤢𞤥 𞤀𞤣𞤤"]


def test_words_are_exchanged_in_a_script_without_spaces():
    texts = ["我喜欢猫", "他在学校"]
    found = hard_negatives(texts, ["word"])
    assert found.made_of.tolist() == [0, 1]
    for text, row in zip(found.texts, found.made_of, strict=True):
        assert sum(a != b for a, b in zip(text, texts[row], strict=True)) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), unique=True, max_size=8), st.integers(0, 3))
def test_negatives_are_new_and_the_same_on_every_run(texts, seed):
    found = hard_negatives(texts, seed=seed)
    assert len(set(found.texts)) == len(found.texts)
    assert not set(found.texts) & set(texts)
    assert hard_negatives(texts, seed=seed).texts == found.texts


def test_an_unknown_kind_is_named():
    with pytest.raises(UserError, match="did you mean 'number'"):
        hard_negatives(["a"], ["numbers"])
