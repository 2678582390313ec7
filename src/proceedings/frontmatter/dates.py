"""Dates as people write them → days of the calendar. No day, month or order of numbers is ever guessed.

A paper's own `date:` is the date of its manuscript, of its submission or of a build, depending on the tool that it was
written for. It is no fact about this volume's publication, so it sets none; `received`, `revised`, `accepted` and
`published` do.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import cache

from proceedings.frontmatter.notes import Notes
from proceedings.source import Map, Scalar, key_location, location_of

_MONTHS = """
    january february march april may june july august september october november december
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    januar februar märz april mai juni juli august september oktober november dezember
    janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
    gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
    januari februari maart april mei juni juli augustus september oktober november december
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
    қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан
    січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
    يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
"""

FIELDS = ("received", "revised", "accepted", "published")


class NotADay(ValueError):
    """The text names no single day; `rule` is the finding that says so, `hint` what to do."""

    def __init__(self, message: str, rule: str = "M006", hint: str = "Write it as year-month-day: 2024-10-16.") -> None:
        super().__init__(message)
        self.rule, self.hint = rule, hint


def normalise(record: Map, notes: Notes, fields: Sequence[str] = FIELDS) -> Map:
    """Dates in words → ISO 8601. What is not a day is told and left out."""
    result = Map.of(record, record.location)
    for field in fields:
        value = record.get(field)
        if not isinstance(value, str) or not value.strip():
            continue
        if value.lower() in ("true", "false") and field == "published":  # a switch of site generators
            notes.idle("published", key_location(record, field, notes.home))
            del result[field]
            continue
        try:
            result[field] = Scalar.of(day(value).isoformat(), location_of(value, notes.home))
        except NotADay as error:
            notes.add(error.rule, f"{field}: {error}", value, error.hint)
            del result[field]
    return result


def day(text: str) -> datetime.date:
    """'2023-06-05T18:01+03:00', '5 June 2023', 'June 5, 2023', '5 de junio de 2023', '05.06.2023' → the day."""
    clean = " ".join(text.replace("‐", "-").replace("–", "-").split()).strip(" .,")
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", clean):
        return _made(text, found[1], found[2], found[3])
    if found := re.fullmatch(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]", clean):
        return _made(text, found[1], found[2], found[3])
    if found := re.fullmatch(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})", clean):  # with dots the day comes first everywhere
        return _made(text, found[3], found[2], found[1])
    if found := re.fullmatch(r"(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]\s*(\d{4})", clean):
        return _of_numbers(text, int(found[1]), int(found[2]), found[3])
    return _in_words(text, clean)


def _of_numbers(text: str, first: int, second: int, year: str) -> datetime.date:
    if first <= 12 and second <= 12 and first != second:
        message = f"{text!r} may mean {year}-{second:02}-{first:02} or {year}-{first:02}-{second:02}, so it is not used"
        raise NotADay(message, "M013")
    month, number = (second, first) if second <= 12 else (first, second)
    return _made(text, year, str(month), str(number))


def _in_words(text: str, clean: str) -> datetime.date:
    words = [word.strip(".,'’()").lower() for word in re.split(r"[\s,/-]+", clean)]
    months = [number for word in words if (number := _month(word))]
    years = [word for word in words if re.fullmatch(r"[12]\d{3}", word)]
    days = [found[1] for word in words if (found := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|º|°|er|ª|\.)?", word))]
    if len(years) == 1 and len(months) == 1 and len(days) == 1:
        return _made(text, years[0], str(months[0]), days[0])
    if re.fullmatch(r"\d{4}(?:[-/.]\d{1,2})?", clean) or (len(years) == 1 and months and not days):
        raise NotADay(f"{text!r} names no day, so it is not used", "M014", "Write the day too: 2024-10-16.")
    if re.search(r"today|now|Sys\.|last-modified|`r|\{\{", text):
        raise NotADay(f"{text!r} would be another day at every build, so it is not used")
    raise NotADay(f"{text!r} is not a date that can be read, so it is not used")


@cache
def _months() -> dict[str, int]:
    lines = [line.split() for line in _MONTHS.strip().splitlines()]
    return {name: number for line in lines for number, name in enumerate(line, 1)}


def _month(word: str) -> int | None:
    """The month that a word or its beginning (three letters or more) names in all languages alike."""
    if word in _months():
        return _months()[word]
    if len(word) < 3 or not word.isalpha():
        return None
    found = {number for name, number in _months().items() if name.startswith(word)}
    if word == "sept":
        return 9
    return found.pop() if len(found) == 1 else None


def _made(text: str, year: str, month: str, number: str) -> datetime.date:
    try:
        return datetime.date(int(year), int(month), int(number))
    except ValueError as error:
        raise NotADay(f"{text!r} is not a day of the calendar, so it is not used") from error
