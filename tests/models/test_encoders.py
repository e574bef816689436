import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlcorpus.errors import UserError
from xlcorpus.models.encoders.bootstrap import BootstrapEncoder, words
from xlcorpus.models.encoders.loading import encoder_identity, load_encoder

TEXTS = ["Der Hund läuft.", "Москва - столица России", "我们今天三点去北京。", "१२३ किताब", "", "!!!", "a"]


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.fixture
def tiny_model(tmp_path):
    """A sentence-transformers model of four words, saved to a folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "dog": 1, "Hund": 2, "cat": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    table = np.array([[1, 1, 1, 1], [3, 4, 0, 0], [4, 3, 0, 0], [0, 0, 1, 0]], dtype=np.float32)
    folder = tmp_path / "tiny"
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=table)], device="cpu").save(str(folder))
    return folder


def cosine(encoder, a, b):
    x, y = encoder.encode([a, b])
    return float(x @ y)


def test_bootstrap_gives_unit_vectors_and_zero_for_nothing():
    encoder = load_encoder("bootstrap")
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dim) == (7, 512) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 1, 1, 1, 0, 0, 1], atol=1e-6)
    assert encoder.encode([]).shape == (0, 512)
    assert encoder.identity == encoder_identity("bootstrap") == "bootstrap-v1-512"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(alphabet="abc xyß1я北", max_size=20), min_size=1, max_size=8))
def test_bootstrap_encodes_each_text_for_itself(texts):
    encoder = BootstrapEncoder()
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_array_equal(together, alone)


def test_bootstrap_vectors_are_the_same_in_every_process():
    """Pinned: identity must change when this does."""
    first = load_encoder("bootstrap").encode(["Good morning, Berlin 1989!"])[0]
    assert np.flatnonzero(np.abs(first) > 0.15).tolist() == [23, 43, 210]


@pytest.mark.parametrize(
    ("a", "b", "other"),
    [
        ("Moskau ist eine Stadt", "Москва", "кошка"),
        ("1989 fiel die Mauer", "The wall fell in 1989", "The wall fell in 2004"),
        ("१२३", "123", "456"),
        ("Café international", "cafe international", "bus station"),
        ("Coffee with Mohammed", "Kaffee mit Mohamed", "Tee mit Anna"),
        ("奥巴马", "Obama", "Clinton"),
    ],
)
def test_bootstrap_sees_names_numbers_and_cognates_across_scripts(a, b, other):
    encoder = load_encoder("bootstrap")
    assert cosine(encoder, a, b) > cosine(encoder, a, other) + 0.1


def test_words_are_spelt_by_sound():
    assert words("Café Straße") == ["kafe", "strase"]
    assert words("Łódź 1,000") == ["lods", "1", "000"]
    assert words("上海 2010年") == ["sanghai", "2010", "nian"]


def test_a_sentence_transformers_model_from_a_folder(tiny_model):
    encoder = load_encoder(str(tiny_model), device="cpu")
    vectors = encoder.encode(["dog", "Hund", "cat"])
    assert vectors.shape == (3, encoder.dim) == (3, 4) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] == pytest.approx(0.96)
    assert encoder.encode([]).shape == (0, 4)


def test_identity_follows_the_weights_not_the_place(tiny_model, tmp_path):
    before = encoder_identity(str(tiny_model))
    assert before.startswith("tiny@") and load_encoder(str(tiny_model)).identity == before
    (tiny_model / "README.md").write_text("a new description")
    assert encoder_identity(str(tiny_model)) == before
    weights = tiny_model / "model.safetensors"
    if not weights.exists():
        weights = next(tiny_model.rglob("*.safetensors"))
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert encoder_identity(str(tiny_model)) != before


def test_a_missing_folder_is_a_mistake():
    with pytest.raises(UserError, match=r"'\./models/labse': no such folder"):
        load_encoder("./models/labse")


def test_a_hub_model_that_cannot_be_had_is_a_mistake():
    with pytest.raises(UserError, match=r"encoder 'nobody/nothing': no folder of that name"):
        load_encoder("nobody/nothing")


def test_a_folder_that_holds_no_model_is_a_mistake(tmp_path):
    with pytest.raises(UserError, match="is there but cannot be loaded"):
        load_encoder(str(tmp_path))


def test_cuda_without_a_gpu_is_a_mistake(tiny_model):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(UserError, match="device: cuda"):
        load_encoder(str(tiny_model), device="cuda")
