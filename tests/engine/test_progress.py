"""What a person sees while a run goes on."""

import io

from xlcorpus.engine.progress import Line, Progress, window


def lines(*states: str) -> list[Line]:
    return [Line(f"step{i}", state=state) for i, state in enumerate(states)]


def test_a_long_pipeline_shows_what_is_running() -> None:
    many = lines(*["done"] * 20, "running", *["waiting"] * 20)
    assert many[20] in window(many, 10)
    assert len(window(many, 10)) == 10
    assert window(many[:5], 10) == many[:5]
    finished = lines(*["done"] * 30)
    assert window(finished, 10)[-1] == finished[-1]


def test_where_there_is_no_terminal_there_are_lines() -> None:
    out = io.StringIO()
    with Progress(stream=out) as progress:
        progress.expect(["read"])
        progress.start("read", 10)
        progress.advance("read", 10, 9, 1, 0)
        progress.finish("read")
    first, last = out.getvalue().splitlines()
    assert first == "read: starts, 10 rows"
    assert last.startswith("read: 10 of 10 rows in, 9 kept, 1 rejected, 0 failed")
    assert last.endswith("done")
