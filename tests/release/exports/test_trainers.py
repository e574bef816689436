"""Exports in the hands of the libraries that they are for: TRL, sentence-transformers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xlcorpus.release.exports import export

Make = Callable[..., Any]

TEMPLATE = """\
{%- if tools %}<|tools|>{% for tool in tools %}{{ tool.function.name }}{% endfor %}
{% endif %}
{%- for m in messages %}<|{{ m.role }}|>
{%- if m.reasoning_content is defined %}<think>{{ m.reasoning_content }}</think>{% endif %}
{%- if 'tool_calls' in m %}{% for c in m.tool_calls %}{{ c.function.name }}({{ c.function.arguments.city }}){% endfor %}
{%- else %}{{ m.content }}{% endif %}<|end|>
{%- endfor %}
{%- if add_generation_prompt %}<|assistant|>{% endif %}"""
"""Asks, as templates of real models do, whether a turn has calls, and for a field of their arguments."""


def turn(role: str, content: str | None, tool_calls: str | None = None, reasoning: str | None = None) -> dict[str, Any]:
    """A turn as records hold it."""
    return {"role": role, "content": content, "tool_calls": tool_calls, "reasoning": reasoning}


ASK = turn("user", "ამინდი?")
CALLING = [
    ASK,
    turn("assistant", None, '[{"name": "weather", "arguments": {"city": "თბილისი"}}]', "ვნახოთ"),
    turn("tool", "31"),
    turn("assistant", "ცხელა"),
]
TOOLS = '[{"name": "weather", "description": "Wetter", "parameters": {"type": "object", "properties": {}}}]'


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """Splits texts into characters; its chat template is `TEMPLATE`."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = ["<unk>", "<pad>", "<end>", *sorted(set(TEMPLATE + "ამინდი?თბილისივნახოთცხელაწვიმს31"))]
    made = Tokenizer(models.WordLevel({letter: i for i, letter in enumerate(letters)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="<unk>", pad_token="<pad>", eos_token="<end>", chat_template=TEMPLATE
    )


def rows(folder: Path) -> Any:
    """The split `train` of an export, as a user loads it."""
    from datasets import load_dataset

    return load_dataset(str(folder), split="train", cache_dir=str(folder.parent / "cache"))


def test_trl_writes_calls_reasoning_and_tools_into_the_template(
    tmp_path: Path, release: Make, chats: Make, tokenizer: Any
) -> None:
    pytest.importorskip("trl")
    import json

    from trl.data_utils import apply_chat_template, is_conversational

    folder = release(tmp_path / "r", "instruction", train=chats(CALLING, [ASK, CALLING[-1]], tools=TOOLS))
    called, said = rows(export(folder, "trl").folder)
    assert is_conversational(called)
    assert apply_chat_template(called, tokenizer, tools=json.loads(called["tools"]))["text"] == (
        "<|tools|>weather<|user|>ამინდი?<|end|><|assistant|><think>ვნახოთ</think>weather(თბილისი)<|end|>"
        "<|tool|>31<|end|><|assistant|>ცხელა<|end|>"
    )
    assert apply_chat_template(said, tokenizer)["text"] == "<|user|>ამინდი?<|end|><|assistant|>ცხელა<|end|>"


def test_trl_cuts_preferences_and_feedback_behind_the_prompt(
    tmp_path: Path, release: Make, preferences: Make, feedback: Make, tokenizer: Any
) -> None:
    pytest.importorskip("trl")
    from trl.data_utils import apply_chat_template, maybe_extract_prompt

    chosen, rejected = [turn("assistant", "ცხელა")], [turn("assistant", "ცივა")]
    liked = release(tmp_path / "p", "preference", train=preferences(([ASK], chosen, rejected)))
    (row,) = rows(export(liked, "trl").folder)
    assert maybe_extract_prompt(row) == row
    assert apply_chat_template(row, tokenizer) == {
        "prompt": "<|user|>ამინდი?<|end|><|assistant|>",
        "chosen": "ცხელა<|end|>",
        "rejected": "ცივა<|end|>",
    }
    judged = release(tmp_path / "f", "feedback", train=feedback(([ASK], rejected, False)))
    (row,) = rows(export(judged, "trl").folder)
    assert apply_chat_template(row, tokenizer) == {
        "prompt": "<|user|>ამინდი?<|end|><|assistant|>",
        "completion": "ცივა<|end|>",
        "label": False,
    }


def test_trl_cuts_items_behind_the_prompt(tmp_path: Path, release: Make, items: Make, tokenizer: Any) -> None:
    pytest.importorskip("trl")
    from trl.data_utils import is_conversational, maybe_apply_chat_template

    (row,) = rows(
        export(release(tmp_path / "r", "item", train=items({"question": "2 + 2?", "answer": "4"})), "trl").folder
    )
    assert is_conversational(row)
    assert maybe_apply_chat_template(row, tokenizer)["prompt"] == "<|user|>2 + 2?<|end|><|assistant|>"


@pytest.mark.parametrize("kind", ["instruction", "preference", "pair"])
def test_a_trainer_of_trl_learns_from_an_export(
    tmp_path: Path, release: Make, chats: Make, preferences: Make, pairs: Make, tokenizer: Any, kind: str
) -> None:
    trl = pytest.importorskip("trl")
    from transformers import LlamaConfig, LlamaForCausalLM

    answers = [turn("assistant", "ცხელა")], [turn("assistant", "ცივა")]
    frame = {
        "instruction": lambda: chats(CALLING, CALLING, tools=TOOLS),
        "preference": lambda: preferences(([ASK], *answers), ([ASK], *answers)),
        "pair": lambda: pairs(("ცხელა", "heiß"), ("ცივა", "kalt")),
    }[kind]()
    done = export(release(tmp_path / "r", kind, train=frame), "trl")
    shape = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    model = tmp_path / "tiny"
    LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **shape)).save_pretrained(model)
    tokenizer.save_pretrained(model)
    sort, options = (trl.DPOTrainer, trl.DPOConfig) if kind == "preference" else (trl.SFTTrainer, trl.SFTConfig)
    settings = options(
        output_dir=str(tmp_path / "model"),
        max_steps=1,
        per_device_train_batch_size=2,
        report_to=[],
        use_cpu=True,
        bf16=False,
    )
    trainer = sort(model=str(model), args=settings, train_dataset=rows(done.folder), processing_class=tokenizer)
    assert trainer.train().training_loss > 0


def test_sentence_transformers_learns_from_an_export(
    tmp_path: Path, release: Make, pairs: Make, preferences: Make, tokenizer: Any
) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu")
    mined = release(tmp_path / "p", "pair", train=pairs(("ცხელა", "31"), ("ცივა", "?")))
    answers = [turn("assistant", "ცხელა")], [turn("assistant", "ცივა")]
    liked = release(tmp_path / "t", "preference", train=preferences(([ASK], *answers), ([turn("user", "?")], *answers)))
    for folder, columns in ((mined, 2), (liked, 3)):
        texts = rows(export(folder, "sentence-transformers").folder)
        features = [model.preprocess(texts[name][:]) for name in texts.column_names]
        assert len(features) == columns
        loss = MultipleNegativesRankingLoss(model)(features, None)
        loss.backward()
        assert loss.item() > 0
        assert model[0].embedding.weight.grad.abs().sum() > 0


def test_the_trainer_of_sentence_transformers_takes_a_step(
    tmp_path: Path, release: Make, groups: Make, tokenizer: Any
) -> None:
    pytest.importorskip("accelerate")
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)], device="cpu")
    texts = [{"kat_Geor": "ცხელა", "deu_Latn": "31"}, {"kat_Geor": "ცივა", "deu_Latn": "?", "eng_Latn": "o"}]
    done = export(release(tmp_path / "r", "group", train=groups(*texts)), "sentence-transformers")
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(tmp_path / "model"), max_steps=1, per_device_train_batch_size=4, report_to=[], use_cpu=True
    )
    trainer = SentenceTransformerTrainer(
        model=model, args=arguments, train_dataset=rows(done.folder), loss=MultipleNegativesRankingLoss(model)
    )
    assert trainer.train().training_loss > 0
