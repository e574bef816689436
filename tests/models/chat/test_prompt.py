"""Prompts as files."""

from pathlib import Path

import pytest

from xlcorpus.errors import UserError
from xlcorpus.models.chat.answer import Answer
from xlcorpus.models.chat.answer_forms import Form
from xlcorpus.models.chat.prompt import Prompt
from xlcorpus.models.chat.reasoning import Said, apart
from xlcorpus.models.chat.unreadable import UnreadableError


def test_front_matter_and_body(tmp_path: Path) -> None:
    (tmp_path / "p.md").write_text("---\nabout: A test.\nsystem: In {{ lang | language }}.\n---\n\nSag {{ text }}.\n")
    prompt = Prompt.load(str(tmp_path / "p.md"))
    assert prompt.fields == ["lang", "text"]
    system, user = prompt.messages({"lang": "deu_Latn", "text": "Hund"})
    assert (system.role, system.content) == ("system", "In German.")
    assert (user.role, user.content) == ("user", "Sag Hund.")


def test_the_form_of_the_answer_stands_in_the_prompt() -> None:
    (user,) = Prompt("---\nanswer: {form: one_of, values: [a, b]}\n---\n{{ x }}", "p").messages({"x": "?"})
    assert user.content == "?\n\nAnswer with one of these alone: a, b"


def test_what_a_row_holds_is_never_a_template() -> None:
    (user,) = Prompt("{{ x }}", "p").messages({"x": "{{ 7 * 7 }} {% raw %}"})
    assert user.content == "{{ 7 * 7 }} {% raw %}"


def test_the_content_changes_with_the_text_alone() -> None:
    assert Prompt("{{ x }}", "a").content == Prompt("{{ x }}", "b").content != Prompt("{{ x }}!", "a").content


def test_variants_lie_beside_it(tmp_path: Path) -> None:
    for name in ("p.md", "p.deu_Latn.md", "p.hi.md", "pq.md"):
        (tmp_path / name).write_text("{{ x }}")
    assert set(Prompt.load(str(tmp_path / "p.md")).variants()) == {"deu_Latn", "hin_Deva"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\nsystem: x\n{{ x }}", "the front matter has no end"),
        ("---\n[1\n---\n{{ x }}", "the front matter is not valid YAML"),
        ("---\n- a\n---\n{{ x }}", "the front matter must be a mapping"),
        ("{% if %}", "no Jinja"),
    ],
)
def test_files_that_are_no_prompts_are_refused(text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        Prompt(text, "p.md")


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        ("Ja.", None, Said("Ja.", None)),
        ("<think>Hm.</think>Ja.", None, Said("Ja.", "Hm.")),
        ("\n<THINK>\nHm.\n</THINK>\n\nJa.", None, Said("Ja.", "Hm.")),
        ("Hm, also\n</think>\nJa.", None, Said("Ja.", "Hm, also")),
        ("<think>Hm.", None, Said("", "Hm.")),
        ("<think></think>Ja.", None, Said("Ja.", None)),
        ("Ja.", "Hm.", Said("Ja.", "Hm.")),
        ("Ein Tag <think> im Text.", None, Said("Ein Tag <think> im Text.", None)),
    ],
)
def test_reasoning_stands_apart(content: str, field: str | None, said: Said) -> None:
    assert apart(Answer(content, reasoning=field)) == said


def test_yes_and_no_are_words_in_the_front_matter() -> None:
    prompt = Prompt("---\nanswer: {form: one_of, values: [yes, no]}\n---\nIs this a question? {{ text }}", "p")
    assert prompt.form.read("Yes.") == "yes"


@pytest.mark.parametrize(("answer", "value"), [("4", 4.0), ("**4.5**", 4.5), ("4/5", 4.0), ("٤", 4.0)])
def test_a_number_on_a_scale(answer: str, value: float) -> None:
    assert Form(form="number", between=(1, 5)).read(answer) == value


@pytest.mark.parametrize(
    ("answer", "problem"), [("6", "6 is not between 1 and 5"), ("4/10", "2 numbers"), ("4, 5", "2 numbers")]
)
def test_a_number_off_the_scale(answer: str, problem: str) -> None:
    with pytest.raises(UnreadableError, match=problem):
        Form(form="number", between=(1, 5)).read(answer)


def test_a_scale_belongs_to_numbers() -> None:
    with pytest.raises(UserError, match="between belongs to the form number"):
        Prompt("---\nanswer: {form: text, between: [1, 5]}\n---\n{{ text }}", "p")
