"""An encoder-decoder as a sentence encoder and translator."""

from pathlib import Path

import numpy as np
import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.encoders import seq2seq_encoder
from xlcorpus.models.encoders.loading import load_encoder
from xlcorpus.models.encoders.seq2seq_encoder import Seq2SeqEncoder, is_seq2seq

TEXTS = ["ein Hund schläft", "a dog sleeps", "Katze", "", "der Hund und die Katze schlafen hier"]


@pytest.fixture(scope="module")
def tiny_mbart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An mBART of one layer with random weights, and the language tokens of the real one."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import MBartConfig, MBartForConditionalGeneration, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "de_DE", "en_XX"]
    tokenizer.train_from_iterator(TEXTS, trainers.BpeTrainer(special_tokens=special, show_progress=False))
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    torch.manual_seed(0)
    config = MBartConfig(
        vocab_size=len(fast), d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=64, init_std=0.5,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("models") / "tiny-mbart"
    MBartForConditionalGeneration(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


@pytest.fixture
def encoder(tiny_mbart: Path) -> Seq2SeqEncoder:
    loaded = load_encoder(str(tiny_mbart), device="cpu")
    assert isinstance(loaded, Seq2SeqEncoder)
    return loaded


def states_of(encoder: Seq2SeqEncoder, ids: list[int]) -> np.ndarray:
    """(tokens, dim) states of the last encoder layer for one text alone."""
    import torch

    with torch.inference_mode():
        return encoder.model.get_encoder()(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def test_a_text_is_the_mean_of_its_states_without_padding(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (5, encoder.dim) == (5, 16) and vectors.dtype == np.float32
    for text, vector in zip(TEXTS, vectors, strict=True):
        ids = [*encoder.tokenizer(text, add_special_tokens=False)["input_ids"], encoder.tokenizer.eos_token_id]
        np.testing.assert_allclose(vector, unit(states_of(encoder, ids).mean(axis=0)), atol=1e-5)
    assert encoder.encode([]).shape == (0, 16)


def test_a_language_token_is_left_out_and_no_other(encoder):
    """CRISS's own code took the second token's state for the mean of all but the first."""
    ids = encoder.token_ids(["de_DE ein Hund schläft"])[0]
    assert encoder.tokenizer.convert_ids_to_tokens(ids)[0] == "de_DE"
    want = unit(states_of(encoder, ids)[1:].mean(axis=0))
    np.testing.assert_allclose(encoder.encode(["de_DE ein Hund schläft"])[0], want, atol=1e-5)


def test_batches_are_halved_when_memory_runs_out(encoder, monkeypatch):
    want = encoder.encode(TEXTS)
    real = encoder._pooled

    def small_memory(ids, mask):
        if len(ids) > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return real(ids, mask)

    monkeypatch.setattr(encoder, "_pooled", small_memory)
    np.testing.assert_allclose(encoder.encode(TEXTS), want, atol=1e-5)


def test_a_text_that_does_not_fit_alone_is_said(encoder, monkeypatch):
    def no_memory(ids, mask):
        raise MemoryError

    monkeypatch.setattr(encoder, "_pooled", no_memory)
    with pytest.raises(UserError, match="not even one text fits into memory beside the model tiny-mbart@"):
        encoder.encode(TEXTS)


def test_greedy_translation_takes_the_likeliest_token_each_time(encoder):
    """Against the loop written out, for the first eight tokens."""
    import torch

    source = "der Hund und die Katze schlafen hier"
    read = torch.tensor(encoder.token_ids([source]))
    written = encoder.decoder_prefix("eng_Latn")
    for _ in range(8):
        with torch.inference_mode():
            logits = encoder.model(input_ids=read, decoder_input_ids=torch.tensor([written])).logits
        written.append(int(logits[0, -1].argmax()))
        if written[-1] == encoder.tokenizer.eos_token_id:
            break
    start = encoder.tokenizer.decode(written, skip_special_tokens=True).strip()
    assert start and encoder.translate([source], "eng_Latn", beams=1)[0].startswith(start)


def test_the_language_to_translate_into_matters(encoder):
    assert encoder.decoder_prefix("eng_Latn") != encoder.decoder_prefix("deu_Latn")
    with pytest.raises(UserError, match="does not translate into fra_Latn; it knows de_DE, en_XX"):
        encoder.translate(["a dog"], "fra_Latn")


def test_a_start_token_of_the_model_comes_before_the_language(encoder):
    encoder.model.config.decoder_start_token_id = 2
    assert encoder.decoder_prefix("eng_Latn") == [2, encoder.tokenizer.convert_tokens_to_ids("en_XX")]


def test_long_texts_are_cut_to_what_the_model_has_positions_for(encoder):
    ids = encoder.token_ids(["Hund " * 500])[0]
    assert len(ids) == encoder.most_tokens == 64 and ids[-1] == encoder.tokenizer.eos_token_id
    assert seq2seq_encoder.MOST_TOKENS > 64
    assert np.isfinite(encoder.encode(["Hund " * 500])).all()


def test_a_damaged_folder_is_a_mistake(tiny_mbart, tmp_path):
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(tiny_mbart, broken)
    (broken / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(UserError, match=r"broken' is there but cannot be loaded.*fetch or train it again"):
        load_encoder(str(broken))


def test_which_folders_hold_one(tiny_mbart, tmp_path):
    assert is_seq2seq(tiny_mbart)
    assert not is_seq2seq(tmp_path)
    (tmp_path / "config.json").write_text('{"is_encoder_decoder": true}')
    assert is_seq2seq(tmp_path)
    (tmp_path / "modules.json").write_text("[]")
    assert not is_seq2seq(tmp_path)
