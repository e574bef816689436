"""A romanisation that means nothing."""

from __future__ import annotations


class AnyLatin:
    """In place of `uroman.Uroman`: any Latin letter for each letter of another script."""

    def romanize_string(self, text: str, lcode: str | None = None) -> str:
        """The text in Latin letters."""
        return "".join(chr(ord("a") + ord(c) % 26) if c.isalpha() and not c.isascii() else c for c in text)
