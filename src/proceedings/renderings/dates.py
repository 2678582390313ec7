"""Days and runs of days as a language writes them (Unicode's CLDR, by Babel): 16–17 October 2024; in a language that
CLDR does not have, as ISO 8601 writes them."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale


def long_date(day: date, lang: str = "en") -> str:
    """'16 December 2024'."""
    from babel.dates import format_date

    locale = _locale(lang)
    return _plain(format_date(day, "long", locale)) if locale else day.isoformat()


def date_range(start: date, end: date | None, lang: str = "en") -> str:
    """What two days share is said once: '16–17 October 2024', '30 October – 2 November 2024'."""
    from babel.dates import format_date

    locale = _locale(lang)
    if end is None or end == start:
        return long_date(start, lang)
    if locale is None:
        return f"{start.isoformat()}/{end.isoformat()}"
    differ = "y" if start.year != end.year else "M" if start.month != end.month else "d"
    forms = locale.interval_formats
    patterns = (forms.get("yMMMMd") or forms["yMMMd"])[differ]
    parts = zip((start, end), patterns, strict=True)
    return _plain("".join(format_date(day, _with_whole_months(pattern), locale) for day, pattern in parts))


def _with_whole_months(pattern: str) -> str:
    """CLDR's patterns for runs of days have short names of months, and days of two digits in some languages."""
    return re.sub(r"\bdd\b", "d", re.sub(r"(?<![ML])(M{3}|L{3})(?![ML])", "MMMM", pattern))


def _plain(printed: str) -> str:
    """With the spaces that every typeface has, in place of thin ones."""
    return printed.replace("\u2009", " ").replace("\u202f", "\u00a0")


@cache
def _locale(tag: str) -> Locale | None:
    """English without a country is written as most of the world does, the day first."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse("en-001" if tag == "en" else tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return _locale(tag.rpartition("-")[0]) if "-" in tag else None
