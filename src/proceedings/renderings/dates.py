"""Days and runs of days as they are printed, by language: 16–17 October 2024; else as ISO 8601 has them."""

from __future__ import annotations

from datetime import date

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
# How a language writes a day, or a run of days, of one month and year.
_DAY = {"de": "{day}. {month}", "es": "{day} de {month}"}
_WITH_YEAR = {"es": "{rest} de {year}", "kk": "{year} ж. {rest}"}


def long_date(day: date, lang: str = "en") -> str:
    """'16 December 2024'."""
    language = lang.split("-")[0]
    if language not in _MONTHS:
        return day.isoformat()
    return _with_year(_day(day, str(day.day), language), day.year, language)


def date_range(start: date, end: date | None, lang: str = "en") -> str:
    """What two days share is said once: '16–17 October 2024', '30 October – 2 November 2024'."""
    language = lang.split("-")[0]
    if end is None or end == start:
        return long_date(start, lang)
    if language not in _MONTHS:
        return f"{start.isoformat()}/{end.isoformat()}"
    if start.year != end.year:
        return f"{long_date(start, lang)} – {long_date(end, lang)}"
    if start.month != end.month:
        rest = f"{_day(start, str(start.day), language)} – {_day(end, str(end.day), language)}"
    else:
        dot = "." if language == "de" else ""
        rest = _day(end, f"{start.day}{dot}–{end.day}", language)
    return _with_year(rest, end.year, language)


def _day(day: date, number: str, language: str) -> str:
    month = _MONTHS[language].split()[day.month - 1]
    return _DAY.get(language, "{day} {month}").format(day=number, month=month)


def _with_year(rest: str, year: int, language: str) -> str:
    return _WITH_YEAR.get(language, "{rest} {year}").format(rest=rest, year=year)
