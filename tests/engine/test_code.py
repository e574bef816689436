"""What changes the hash of the code behind a step, and what does not."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

import xlcorpus
from xlcorpus.engine.code import code_digest, draws, modules_behind
from xlcorpus.step import Step
from xlcorpus.steps import CodeSwitch, Deduplicate, Embed, Mine, Normalise, Quality, Read

CHECKOUT = Path(xlcorpus.__file__).parents[1]

EACH = """
import json, sys
from pathlib import Path
from xlcorpus.engine.code import code_digest
from xlcorpus.once import one_run
from xlcorpus.registry import registry

def digests():
    with one_run():
        return {name: code_digest(step) for name, step in registry().items()}

for changes in json.loads(Path(sys.argv[1]).read_text()):
    before = {name: Path(name).read_text() if Path(name).exists() else None for name in changes}
    for name, text in changes.items():
        Path(name).write_text(text)
    print(json.dumps(digests()))
    for name, text in before.items():
        Path(name).unlink() if text is None else Path(name).write_text(text)
"""


def in_process(code: str, folder: Path, *arguments: str) -> str:
    """What a Python process prints that finds the packages of a folder first."""
    path = os.pathsep.join((str(folder), str(CHECKOUT)))
    env = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True).stdout


def digests(folder: Path, *changes: dict[str, str]) -> list[dict[str, str]]:
    """Digests of all steps in a copy of the package, once for each set of files with another text."""
    shutil.copytree(CHECKOUT / "xlcorpus", folder / "xlcorpus", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "schemas", folder / "schemas")
    (folder / "changes.json").write_text(json.dumps(changes))  # too long for a command line
    return [json.loads(line) for line in in_process(EACH, folder, "changes.json").splitlines()]


def text_of(name: str) -> str:
    return (CHECKOUT / name).read_text("utf8")


def more(name: str) -> dict[str, str]:
    return {name: text_of(name) + "\nX = 1\n"}


def with_column(name: str) -> dict[str, str]:
    spec = json.loads(text_of(name))
    spec["properties"]["dialect"] = {"type": ["string", "null"], "description": "Dialect."}
    return {name: json.dumps(spec)}


def test_what_changes_a_step_of_the_package(tmp_path: Path) -> None:
    whole, *others = digests(
        tmp_path,
        {},
        {},
        with_column("schemas/sentence.schema.json"),
        with_column("schemas/common.schema.json"),
        more("xlcorpus/records.py"),
        more("xlcorpus/text/fold.py"),
        {"xlcorpus/text/words.txt": "der die das"},
        {"xlcorpus/steps/clean/prompt.jinja": "{{ text }}"},
        more("xlcorpus/mining/search/knn.py"),
        more("xlcorpus/steps/clean/normalise.py"),
    )
    same, schema, common, records, fold, words, template, mining, clean = (
        {name for name in whole if whole[name] != other[name]} for other in others
    )
    assert same == set()
    assert schema == common == records == set(whole)
    assert ("deduplicate" in fold, fold & {"normalise", "read"}) == (True, set())
    assert ({"normalise", "quality"} <= words, "transliterate" in words) == (True, False)
    assert template == {"normalise", "segment"}
    assert ("mine" in mining, mining & {"normalise", "quality", "read", "deduplicate"}) == (True, set())
    assert ("normalise" in clean, clean & {"mine", "quality", "read"}) == (True, set())


def test_what_does_not_change_a_step_of_the_package(tmp_path: Path) -> None:
    normalise, records = text_of("xlcorpus/text/normalise.py"), text_of("xlcorpus/records.py")
    commented = "# a comment\n" + normalise.replace('"""', '"""Changed. ', 1) + "\n\n\n# end\n"
    formatted = records.replace("(spec)", "(\n    spec,\n)")
    assert formatted != records
    unchanged, changed = digests(
        tmp_path,
        {},
        {
            "xlcorpus/text/normalise.py": commented,
            "xlcorpus/records.py": formatted,
            "xlcorpus/text/.hidden": "not part of the package",
            **more("xlcorpus/step.py"),
            **more("xlcorpus/outcomes.py"),
            **more("xlcorpus/ledger.py"),
            **more("xlcorpus/pipeline.py"),
            **more("xlcorpus/engine/chain.py"),
            **more("xlcorpus/cli/main.py"),
            **more("xlcorpus/release/card.py"),
            **more("xlcorpus/release/card.md.jinja"),
            **more("xlcorpus/steps/__init__.py"),
        },
    )
    assert changed == unchanged


def test_the_step_contract_counts_by_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_digest(Read)
    monkeypatch.setattr("xlcorpus.engine.code.CONTRACT", 0)
    assert code_digest(Read) != before


def test_libraries_that_decide_count_by_their_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = code_digest(Normalise), code_digest(Deduplicate)
    monkeypatch.setattr("xlcorpus.engine.code.version", lambda name: "0.0" if name == "ftfy" else version(name))
    assert (code_digest(Normalise) != before[0], code_digest(Deduplicate) != before[1]) == (True, False)
    monkeypatch.setattr("xlcorpus.engine.code.version", lambda name: "0.0" if name == "polars" else version(name))
    assert (code_digest(Normalise), code_digest(Deduplicate)) == before


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A package of someone else's, with a step."""
    package = tmp_path / "plugin"
    files = {
        "__init__.py": "from .steps.shout import Shout\nfrom .other import Other\n",
        "other.py": "class Other: ...\n",
        "steps/__init__.py": "",
        "steps/shout.py": (
            '"""Shouts."""\n'
            "from xlcorpus.step import RowStep\n"
            "from xlcorpus.text.segment import sentences\n"
            "import ftfy\n"
            "from ..tools import louder\n"
            "import beside\n"
            "class Shout(RowStep):\n"
            '    """Shouts."""\n'
            "    def apply(self, rows, env):\n"
            "        return louder(rows)\n"
        ),
        "steps/words/list.txt": "boom\n",
        "tools/__init__.py": "from plugin.tools.loud import louder\nfrom plugin.tools.quiet import softer\n",
        "tools/loud.py": "MARK = '!'\ndef louder(rows):\n    return rows\n",
        "tools/quiet.py": "def softer(rows):\n    return rows\n",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    (tmp_path / "beside.py").write_text("A = 1\n")
    return tmp_path


SHOUT = """
from plugin import Shout
from xlcorpus.engine.code import code_digest, modules_behind
print(code_digest(Shout), *modules_behind(Shout))
"""


def shout(folder: Path) -> list[str]:
    return in_process(SHOUT, folder).split()


def test_what_is_behind_a_step_of_another_package(plugin: Path) -> None:
    modules = set(shout(plugin)[1:])
    assert {"plugin.steps.shout", "plugin.tools.loud", "beside", "xlcorpus.text.segment"} <= modules
    assert not {"plugin", "plugin.other", "plugin.tools", "plugin.tools.quiet", "ftfy"} & modules


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plugin/tools/loud.py", "MARK = '?'\ndef louder(rows):\n    return rows\n"),
        ("plugin/tools/loud.py", "MARK = '!'\ndef louder(rows):\n    return rows.head()\n"),
        ("plugin/steps/words/list.txt", "bang\n"),
        ("plugin/steps/words/new.json", "[]"),
        ("plugin/data.csv", "a,b\n"),
        ("beside.py", "A = 2\n"),
    ],
)
def test_a_change_behind_a_step_of_another_package(plugin: Path, name: str, text: str) -> None:
    before = shout(plugin)[0]
    (plugin / name).write_text(text)
    assert shout(plugin)[0] != before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plugin/tools/loud.py", "# loud\nMARK = '!'\n\n\ndef louder(rows):\n    'Louder.'\n    return  rows\n"),
        ("plugin/tools/quiet.py", "def softer(rows):\n    return rows.tail()\n"),
        ("plugin/other.py", "class Other:\n    x = 1\n"),
        ("corpus.txt", "a corpus in the working directory\n"),
        ("unrelated.py", "A = 1\n"),
    ],
)
def test_no_change_behind_a_step_of_another_package(plugin: Path, name: str, text: str) -> None:
    before = shout(plugin)[0]
    (plugin / name).write_text(text)
    assert shout(plugin)[0] == before


SCRIPT = '''
from xlcorpus.engine.code import code_digest
from xlcorpus.step import RowStep

MARK = "!"
WORDS = {"boom", "bang"}

def louder(rows):
    """Louder."""
    return rows if MARK else rows.head()

def unused(rows):
    return rows

class Shout(RowStep):
    """Shouts."""

    def apply(self, rows, env):
        return louder(rows) if {"a", "b"} & WORDS else rows

print(code_digest(Shout))
'''


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ('MARK = "!"', 'MARK = "?"', True),
        ('"bang"', '"bing"', True),
        ("rows.head()", "rows.tail()", True),
        ('{"a", "b"}', '{"a", "c"}', True),
        ('"""Louder."""', '"""Makes it louder."""', False),
        ('"""Shouts."""', '# a comment\n    """Shouts loudly."""', False),
        ("def unused(rows):\n    return rows", "def unused(rows):\n    return None", False),
        ("print(", "x = 1\n\nprint(", False),
    ],
)
@pytest.mark.parametrize("form", ["script", "notebook"])
def test_a_step_of_a_script_or_notebook(old: str, new: str, counts: bool, form: str) -> None:
    assert old in SCRIPT
    before, after = printed(SCRIPT, form), printed(SCRIPT.replace(old, new), form)
    assert (before != after) is counts


def test_a_step_of_a_script_is_the_same_in_every_process() -> None:
    assert printed(SCRIPT, "script") == printed.__wrapped__(SCRIPT, "script")


@cache
def printed(text: str, form: str) -> str:
    """What the code prints as a script, or as in a notebook, where no file holds the source."""
    if form == "notebook":
        return in_process(text, CHECKOUT)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "script.py"
        script.write_text(text)
        return in_process(f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')", CHECKOUT)


@pytest.mark.parametrize(
    ("step", "apart"),
    [
        (Normalise, ("xlcorpus.mining", "xlcorpus.models", "xlcorpus.training", "xlcorpus.steps.filter")),
        (Deduplicate, ("xlcorpus.mining.search", "xlcorpus.mining.select", "xlcorpus.models", "xlcorpus.steps.clean")),
        (Quality, ("xlcorpus.mining", "xlcorpus.training", "xlcorpus.steps.clean")),
        (Read, ("xlcorpus.mining", "xlcorpus.models", "xlcorpus.text.words", "xlcorpus.steps.filter")),
        (Embed, ("xlcorpus.mining", "xlcorpus.steps.clean")),
        (Mine, ("xlcorpus.training", "xlcorpus.steps.clean", "xlcorpus.steps.read")),
    ],
)
def test_a_step_does_not_see_unrelated_rooms(step: type[Step], apart: tuple[str, ...]) -> None:
    modules = modules_behind(step)
    assert step.__module__ in modules
    assert [m for m in modules if m.startswith((*apart, "xlcorpus.engine", "xlcorpus.cli"))] == []


def test_steps_that_draw_and_steps_that_do_not() -> None:
    assert [draws(step) for step in (CodeSwitch, Mine)] == [True, True]
    assert [draws(step) for step in (Read, Normalise, Quality, Deduplicate, Embed)] == [False] * 5


def test_a_digest_is_the_same_each_time() -> None:
    assert code_digest(Mine) == code_digest(Mine)
    assert code_digest(Mine) != code_digest(Normalise)
