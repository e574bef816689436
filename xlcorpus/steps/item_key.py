"""The key by which versions of an item (a translation, a sample) belong together."""

from __future__ import annotations


def item_key(by: str) -> str:
    """The SQL of a `by` option: `group_id` stands for the row's own id where it is null, others for themselves."""
    return "coalesce(group_id, id)" if by.strip().lower() == "group_id" else by
