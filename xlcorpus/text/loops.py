"""Texts that end in a loop, as language models sometimes write them."""

from __future__ import annotations

TAIL, LEAST_CHARACTERS, LEAST_TIMES = 4_000, 120, 5
"""Characters looked at from the end; in a loop, how many of them at least repeat a shorter piece, and how often."""


def loop_at_end(text: str) -> int:
    """Characters at the end of a text that are one piece over and over; 0 where there is no loop.

    Holds for any script: pieces are of characters. The last piece may be cut off.
    """
    tail = text[: -TAIL - 1 : -1]
    # The longest border of each beginning (Knuth, Morris and Pratt 1977): i - border is the shortest period.
    borders = [0] * (len(tail) + 1)
    border, found = 0, 0
    for i in range(1, len(tail)):
        while border and tail[i] != tail[border]:
            border = borders[border]
        border += tail[i] == tail[border]
        borders[i + 1] = border
        length = i + 1
        if length >= LEAST_CHARACTERS and length >= LEAST_TIMES * (length - border):
            found = length
    return found
