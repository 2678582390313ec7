"""The official validators of the formats that are written: where each is, how it is run, whether to trust it.

`validate` shows every file to every validator that knows its format and returns a `Report`, which also names
what was not checked and why. A validator is believed only after it has accepted a sound sample and rejected
each of the unsound ones; a file that no validator saw is never called valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from proceedings.validators import bits, csl, epubcheck, jats, json_schema, pdf, pmc, schematron
from proceedings.validators.interface import Missing, NoVerdict, Problem, Samples, Tool, Validator
from proceedings.validators.judging import Cache, Forgetful, Report, Unchecked, findings, judge, self_test

__all__ = [
    "VALIDATORS", "Cache", "Missing", "NoVerdict", "Problem", "Report", "Samples", "Tool", "Unchecked",
    "Validator", "findings", "located", "trials", "validate",
]  # fmt: skip

VALIDATORS: tuple[Validator, ...] = (
    jats.PUBLISHING, jats.ARCHIVING, schematron.JATS4R, pmc.PMC, schematron.SCIELO,
    bits.BITS, epubcheck.EPUBCHECK, pdf.VERAPDF, csl.CSL,
    json_schema.VOLUME, json_schema.CONTRIBUTION, json_schema.CSL_JSON,
)  # fmt: skip


def validate(paths: Iterable[Path], *, full: bool, cache: Cache | None = None) -> Report:
    """Show every file to the validators of its format: to all if `full`, else to those that run in this
    process (and the remembered verdicts of the others are told again)."""
    return judge(VALIDATORS, paths, full=full, cache=Forgetful() if cache is None else cache)


def located() -> list[tuple[str, str]]:
    """Each validator and its version, or why it is not here."""
    found = []
    for validator in VALIDATORS:
        tool = validator.locate()
        found.append((validator.name, tool.reason if isinstance(tool, Missing) else f"{tool.version} {tool.runtime}"))
    return found


def trials() -> Iterator[tuple[str, str, str]]:
    """Each validator's name, its state here (absent, doubted: it failed its self-test, proved), and why."""
    for validator in VALIDATORS:
        tool = validator.locate()
        if isinstance(tool, Missing):
            yield validator.name, "absent", f"{tool.reason} ({tool.advice})"
        else:
            doubt = self_test(validator, tool, Forgetful())
            yield validator.name, "doubted" if doubt else "proved", doubt or "tells sound files from unsound ones"
