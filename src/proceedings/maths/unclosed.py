"""Maths that an author opened and did not close, which pandoc reads as plain text without a word."""

from __future__ import annotations


def unclosed(prose: str) -> list[tuple[int, str]]:
    """Where maths is opened and never closed, as (offset, what is open)."""
    return []
