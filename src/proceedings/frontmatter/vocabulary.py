"""Names of fields in every spelling: hyphens, underscores, spaces and capitals make no difference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def plain(name: str) -> str:
    """'Short_Title', 'shortTitle', 'short title' → 'short-title'."""
    hyphened = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name.strip())
    return re.sub(r"[\s_]+", "-", hyphened).strip("-:").lower()


def _letters(name: str) -> str:
    """What is left of a name that may be written in one word: 'short-title' → 'shorttitle'."""
    return re.sub(r"[\s_-]+", "", name).lower()


class Words:
    """A set of names."""

    def __init__(self, text: str) -> None:
        self.names = tuple(text.split())
        self._known = frozenset(map(_letters, self.names))

    def __contains__(self, name: str) -> bool:
        return _letters(name) in self._known


class Vocabulary:
    """Our names of fields, and what others call them."""

    def __init__(self, others: Mapping[str, str], own: Iterable[str] = ()) -> None:
        self._ours = {_letters(name): name for name in [*others, *own]}
        for name, spellings in others.items():
            self._ours |= {_letters(other): name for other in spellings.split() if _letters(other) not in self._ours}

    def find(self, name: str) -> str | None:
        """Our name for a field, or None."""
        return self._ours.get(_letters(name))

    def __contains__(self, name: str) -> bool:
        return _letters(name) in self._ours
