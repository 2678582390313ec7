"""Editorial checks, one function each. Each takes what it looks at and yields findings; the catalogue says why they
exist.

`CHECKS` look at one contribution (a Draft), `VOLUME_CHECKS` at what the contributions say beside each other. Faults
that another stage meets in passing (a bad identifier, an undefined label) are found there, not again here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from proceedings.diagnostics import Diagnostic
from proceedings.rules.draft import Draft
from proceedings.rules.metadata import (
    affiliations,
    bounds,
    corresponding_author,
    dates_in_order,
    empty_text,
    language_of_text,
    length,
    repeated_author,
    required_fields,
    required_sections,
    translation_languages,
)
from proceedings.rules.suppressions import suppressions, without_consequences, without_suppressed
from proceedings.rules.text import (
    BEGUN,
    TEMPLATE,
    empty_headings,
    empty_links,
    notes_and_marks,
    orphan_captions,
    placeholders,
    repeated_words,
    stray_fences,
    tables_without_heads,
    template_texts,
    unclosed_fence,
    unclosed_maths,
)
from proceedings.rules.volume import (
    VOLUME_CHECKS,
    Checked,
    ContributionFacts,
    PersonFacts,
    VolumeFacts,
    check_volume,
    check_volume_file,
)

__all__ = [
    "BEGUN",
    "CHECKS",
    "TEMPLATE",
    "VOLUME_CHECKS",
    "Checked",
    "ContributionFacts",
    "Draft",
    "PersonFacts",
    "VolumeFacts",
    "bounds",
    "check",
    "check_volume",
    "check_volume_file",
    "suppressions",
    "without_consequences",
    "without_suppressed",
]

CHECKS: tuple[Callable[[Draft], Iterable[Diagnostic]], ...] = (
    required_fields,
    required_sections,
    length,
    empty_text,
    dates_in_order,
    affiliations,
    corresponding_author,
    repeated_author,
    translation_languages,
    language_of_text,
    empty_links,
    unclosed_maths,
    stray_fences,
    unclosed_fence,
    notes_and_marks,
    orphan_captions,
    empty_headings,
    tables_without_heads,
    placeholders,
    template_texts,
    repeated_words,
)


def check(draft: Draft) -> list[Diagnostic]:
    """Every finding of the checks on one contribution."""
    return [item for rule in CHECKS for item in rule(draft)]
