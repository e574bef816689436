"""Instructions made from what is there."""

from __future__ import annotations

from typing import Literal

import polars as pl

from xlcorpus.records import message, messages
from xlcorpus.step import MAIN, Port, RowEnv, RowStep
from xlcorpus.steps.instruct.translation_prompts import add_prompts

Directions = Literal["both", "forward", "backward"]


class TranslationInstructions(RowStep):
    """Translation instructions from parallel pairs: "translate this", and the other side as the answer.

    The instruction is in the language of the text to translate where we have templates in it (Arabic, Chinese
    in simplified script, English, French, German, Hindi, Italian, Japanese, Portuguese, Russian, Spanish),
    else in English.
    """

    directions: Directions = "both"
    """forward: source to target; backward: target to source; both: two instructions per pair"""

    produces = "instruction"

    def ports(self) -> dict[str, Port]:
        """`rows`: pairs."""
        return {MAIN: Port(("pair",))}

    def adds(self, kind: str) -> tuple[str, ...]:
        """`instruct_template`: template language and number ("deu_Latn/2")."""
        return ("instruct_template",)

    def measures(self, kind: str) -> tuple[str, ...]:
        """Nothing: the template was chosen."""
        return ()

    def apply(self, rows: pl.DataFrame, env: RowEnv) -> pl.DataFrame:
        """One or two instructions per pair, side by side."""
        ways = {"forward": ("src", "tgt"), "backward": ("tgt", "src")}
        if self.directions != "both":
            ways = {self.directions: ways[self.directions]}
        sides = [_direction(rows, src, tgt) for src, tgt in ways.values()]
        tasks = pl.concat(sides).sort("_row", maintain_order=True)
        return add_prompts(tasks, env.seed).select(
            messages=messages([message("user", pl.col("prompt")), message("assistant", pl.col("answer"))]),
            lang=pl.col("tgt_lang"),
            task=pl.lit("translation"),
            prompt_lang=pl.col("prompt_lang"),
            response_lang=pl.col("tgt_lang"),
            source=pl.col("source"),
            license=pl.col("license"),
            origin=pl.col("origin"),
            parents=pl.concat_list("id"),
            instruct_template=pl.col("instruct_template"),
        )


def _direction(rows: pl.DataFrame, src: str, tgt: str) -> pl.DataFrame:
    """The pairs as `add_prompts` takes them, with the `answer`, from side `src` to side `tgt`."""
    return rows.with_row_index("_row").select(
        "_row",
        "id",
        "source",
        "license",
        "origin",
        text=f"{src}_text",
        answer=f"{tgt}_text",
        src_lang=f"{src}_lang",
        tgt_lang=f"{tgt}_lang",
    )
