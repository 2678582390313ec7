"""One structure element for one thing, however many lines and pages it is spread over.

WeasyPrint writes an element for every fragment of a box: a paragraph that crosses a page is two paragraphs to
a screen reader, a table of five pages is five tables. Here neighbours that come from the same HTML element
are joined.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any


def join(pdf: Any, sources: Mapping[int, Hashable]) -> None:
    """Join the fragments below the root of the structure tree. `sources` says, by object number, what a
    structure element was made of; neighbours with equal sources are fragments."""
    _Joining(pdf, sources).run()


class _Joining:
    def __init__(self, pdf: Any, sources: Mapping[int, Hashable]) -> None:
        self._pdf = pdf
        self._sources = sources
        self._heirs: dict[bytes, bytes] = {}  # reference of a fragment → of the element that took its kids

    def run(self) -> None:
        root = self._object(self._pdf.catalog["StructTreeRoot"])
        self._tidy(self._object(root["K"][0]))
        numbers = self._object(root["ParentTree"])["Nums"]
        for index in range(1, len(numbers), 2):
            value = numbers[index]
            if isinstance(value, list):
                value[:] = [self._heir(reference) for reference in value]
            else:
                numbers[index] = self._heir(value)

    def _object(self, reference: bytes) -> Any:
        return self._pdf.objects[int(reference.split()[0])]

    def _heir(self, reference: bytes) -> bytes:
        while reference in self._heirs:
            reference = self._heirs[reference]
        return reference

    def _element(self, kid: Any) -> Any:
        """The structure element that a kid refers to, or None."""
        target = self._object(kid) if isinstance(kid, bytes) else None
        return target if target is not None and target.get("Type") == "/StructElem" else None

    def _tidy(self, element: Any) -> None:
        kids = list(element["K"])
        element["K"].clear()
        for kid in kids:
            self._append(element, kid)
        for kid in element["K"]:
            if (inner := self._element(kid)) is not None:
                self._tidy(inner)

    def _append(self, element: Any, kid: Any) -> None:
        """Give a kid to an element, or to the fragment before it that it continues."""
        inner = self._element(kid)
        if inner is None:
            element["K"].append(kid)
            return
        begun = self._begun(element, self._sources.get(inner.number))
        if begun is None:
            element["K"].append(kid)
            inner["P"] = element.reference
            return
        self._heirs[inner.reference] = begun.reference
        for grandchild in inner["K"]:
            self._append(begun, _on_page(grandchild, inner["Pg"], begun["Pg"]))

    def _begun(self, element: Any, source: Hashable | None) -> Any:
        """The kid of an element that came from the same source: the last, or any cell of a row."""
        if source is None or not element["K"]:
            return None
        candidates = element["K"] if element["S"] == "/TR" else element["K"][-1:]
        for candidate in map(self._element, candidates):
            if candidate is not None and self._sources.get(candidate.number) == source:
                return candidate
        return None


def _on_page(kid: Any, page: bytes, other: bytes) -> Any:
    """Marked content of another page than its element's needs to name its page (ISO 32000-1, 14.7.4.2)."""
    from pydyf import Dictionary

    if isinstance(kid, int) and page != other:
        return Dictionary({"Type": "/MCR", "Pg": page, "MCID": kid})
    return kid
