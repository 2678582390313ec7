"""Personal names: a byline's text → given name, particle, family name, suffix; or a group's name.

The words stay those that the author wrote; the parts serve indexes, catalogues and citation. Where the text does not
say which word is the family name, the likeliest reading is marked as not `sure`, so that a finding can ask for it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that belong to a family name. In small letters they are a particle (van Beethoven → B); with a capital they are
# part of the family name itself (Van Dyke → V).
_PARTICLES = _words(
    "a af al ap av bin bint da dal dalla das de degli dei del della delle den der des di do dos du el het i ibn in la"
    " le les lo los mac of op 't ten ter thoe tho till to und van vande vander vom von y zu zum zur zur ’t"
    " де ди да дю ла ле фон ван дер ибн аль"
)
_JOINING_CAPITALS = _words(
    "van von de del della di du la le les el al bin ibn ben abu abd st st. san santa ter ten dos das ван фон де аль"
)
_CONJUNCTIONS = frozenset({"y", "e", "i", "i.", "und"})  # Ortega y Gasset, Eça e Queirós, Puig i Cadafalch
_SUFFIXES = _words("jr jr. sr sr. ii iii iv v 2nd 3rd 4th junior senior filho neto júnior мл. ст.")
_DEGREE = re.compile(
    r"(?:ph\.?\s?d|m\.?d|d\.?phil|d\.?sc|m\.?sc|b\.?sc|m\.?a|b\.?a|m\.?b\.?a|m\.?p\.?h|dr\.?p\.?h|d\.?v\.?m|ll\.?[bmd]"
    r"|j\.?d|ed\.?d|psy\.?d|r\.?n|frs|facs|esq|prof)\.?",
    re.I,
)
_TITLE = re.compile(
    r"(?:(?:univ|assoc|assist)\.?-?)?(?:prof|dr|mr|mrs|ms)\.?|mx\.|(?:associate|assistant)|professor|doctor|miss|mag\.|ing\."
    r"|dipl\.-\w+\.|priv\.-doz\.|проф\.|профессор|доц\.|д-р|доктор|[кд]\.\w\.н\.",
    re.I,
)
_FURTHER_TITLE = re.compile(r"rer\.|nat\.|phil\.|med\.|pol\.|oec\.|jur\.|habil\.|h\.|c\.|h\.c\.|-ing\.|et|mult\.", re.I)
_PATRONYMIC = re.compile(
    r".+(?:вич|вна|чна|ович|евич|овна|евна|ovich|evich|ovna|evna|ұлы|улы|қызы|кызы|uly|qyzy|kyzy|qızı)",
    re.I,
)
# In Latin letters a third word that looks like a patronymic may be a family name: John Paul Petrovich.
_RUSSIAN_FAMILY = re.compile(r".+(?:[oe]v|[iy]n|sk(?:y|iy|ii|yi)|[ky]o|uk)a?|.+skaya|.*[а-яё].*", re.I)
_GROUP = re.compile(
    r"\b(?:team|collaboration|collaborators|consortium|network|initiative|committee|project|contributors|developers|"
    r"working group|group|task force|alliance|association|society|organi[sz]ation|institute|foundation|council|"
    r"community|federation|commission|agency|authors|участники|коллектив|консорциум|collectif|colectivo|grupo|groupe)\s*$"
    r"|^(?:the|los|les|die)\s+\S+\s",
    re.I,
)
_INITIALS = re.compile(r"(?:\w\.[-‐]?)+\w?\.?|[^\W\d_]", re.UNICODE)  # J. · J.-P. · A.A. · M
_RUN_INITIALS = re.compile(r"[A-ZА-ЯЁ]{1,3}|(?:[A-ZА-ЯЁ]\.[-‐]?)+")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in parts. `sure` is False where the text could be read otherwise."""

    family: str = ""
    given: str = ""
    particle: str = ""
    suffix: str = ""
    group: str = ""
    sure: bool = True

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are there, by the record's field names."""
        fields = ("given", "particle", "family", "suffix", "group")
        return {field: value for field in fields if (value := getattr(self, field))}


def titles(given: str, suffix: str) -> list[str]:
    """What in a name is a title and no name: 'Prof. Dr.' in front of a given name, 'PhD' behind a family name."""
    words = given.split()
    count = 0
    while count < len(words) and (_TITLE.fullmatch(words[count]) or (count and _FURTHER_TITLE.fullmatch(words[count]))):
        count += 1
    return [title for title in (" ".join(words[:count]), *re.split(r",\s*|\s+", suffix)) if
            title and (title in given or _DEGREE.fullmatch(title))]  # fmt: skip


def parse(text: str) -> Name:
    """'Given von Family, Jr.', 'von Family, Given', 'Family, Jr, Given', '{A Group}', CJK names → parts."""
    text = " ".join(text.replace("~", " ").split()).strip(" ,;")
    if re.fullmatch(r"\{[^{}]+\}", text):
        return Name(group=text[1:-1].strip())
    text = text.replace("{", "").replace("}", "")
    commas = [part.strip() for part in re.split(r"[,،]\s*", text) if part.strip()]
    if len(commas) > 1:
        return _with_commas(commas)
    if _GROUP.search(text) and len(text.split()) > 1:
        return Name(group=text, sure=False)
    return _spoken(text.split())


def _with_commas(commas: list[str]) -> Name:
    """'Family, Given', 'Family, Given, Jr', 'Family, Jr, Given', 'Given Family, PhD'."""
    suffixes = [part for part in commas[1:] if _is_suffix(part)]
    names = [commas[0], *(part for part in commas[1:] if not _is_suffix(part))]
    suffix = ", ".join(suffixes)
    if len(names) == 1:
        return replace(_spoken(names[0].split()), suffix=suffix)
    if len(names) > 2:
        return Name(family=", ".join([*names, *suffixes]), sure=False)
    particle, family = _leading_particle(names[0].split())
    given = names[1].split()
    trailing: list[str] = []
    while len(given) > 1 and given[-1].lower() in _PARTICLES and given[-1].islower():
        trailing.insert(0, given.pop())  # 'Beethoven, Ludwig van'
    return Name(family, " ".join(given), " ".join([*trailing, *particle.split()]), suffix)


def _is_suffix(part: str) -> bool:
    words = part.split()
    return all(word.lower() in _SUFFIXES or _DEGREE.fullmatch(word) for word in words) and not part[0].islower()


def _leading_particle(words: list[str]) -> tuple[str, str]:
    """['van', 'der', 'Berg'] → ('van der', 'Berg'). At least one word stays in the family name."""
    count = 0
    while count < len(words) - 1 and words[count][0].islower():
        count += 1
    return " ".join(words[:count]), " ".join(words[count:])


def _spoken(words: list[str]) -> Name:
    """A name in the order of speech."""
    if not words:
        return Name()
    suffix = ""
    if len(words) > 2 and (words[-1].lower() in _SUFFIXES) and words[-1].lower() != "v":
        *words, suffix = words
    if len(words) == 1:
        return Name(family=words[0], suffix=suffix)
    if all(_is_cjk(word) for word in words):
        return Name(family=" ".join(words), suffix=suffix)  # whole: its order is not that of a Western byline
    if family_first := _family_first(words):
        return replace(family_first, suffix=suffix)
    start, end, sure = _family_span(words)
    particle = " ".join(words[start:end])
    return Name(" ".join(words[end:]), " ".join(words[:start]), particle, suffix, sure=sure)


def _is_cjk(word: str) -> bool:
    return all(re.match(r"CJK|HANGUL|HIRAGANA|KATAKANA|IDEOGRAPHIC", unicodedata.name(letter, "")) for letter in word)


def _family_first(words: list[str]) -> Name | None:
    """Forms that put the family name first without a comma: 'Ivanov Ivan Ivanovich', 'Smith JA', 'Smith J. A.'."""
    if len(words) == 3 and _PATRONYMIC.fullmatch(words[2]) and not _PATRONYMIC.fullmatch(words[1]):
        if _RUSSIAN_FAMILY.fullmatch(words[0]) and not _INITIALS.fullmatch(words[1]):
            return Name(family=words[0], given=" ".join(words[1:]), sure=not _PATRONYMIC.fullmatch(words[0]))
        return None
    rest = words[1:]
    dotted = all(re.fullmatch(r"(?:\w\.[-‐]?)+", word) for word in rest)
    run = len(rest) == 1 and re.fullmatch(r"[A-ZА-ЯЁ]{2,3}", rest[0])
    if (dotted or run) and not _RUN_INITIALS.fullmatch(words[0]) and len(words[0]) > 1:
        return Name(family=words[0], given=" ".join(rest))
    return None


def _family_span(words: list[str]) -> tuple[int, int, bool]:
    """Where particle and family name begin, and whether that is certain."""
    last = len(words) - 1
    small = [i for i in range(1, last) if _is_small(words[i])]
    if small:  # BibTeX's rule: from the first word in small letters to the last one is the particle
        return small[0], small[-1] + 1, all(words[i].lower() in _PARTICLES for i in small)
    joins = [i for i in range(2, last) if words[i].lower() in _CONJUNCTIONS and words[i].islower()]
    if joins:
        return joins[0] - 1, joins[0] - 1, joins[0] - 1 >= 1
    start = last
    while start > 1 and words[start - 1].lower() in _JOINING_CAPITALS:
        start -= 1
    middle = words[1:start]
    return (
        start,
        start,
        start == last and all(_INITIALS.fullmatch(word) or _PATRONYMIC.fullmatch(word) for word in middle),
    )


def _is_small(word: str) -> bool:
    """Whether a word can be a particle; 'al-Rahman' is a name."""
    return word.lstrip("'’")[:1].islower() and word.lower() not in _CONJUNCTIONS and not re.match(r"\w+[-‐]\w", word)


def several(text: str) -> list[str]:
    """One line that may name several people → their names: 'Ana Li and Bo Ek', 'Ana Li; Bo Ek', 'Ana Li, Bo Ek, Cy Oh'.

    'Family, Given' is one person, and so is 'Given Family, PhD'.
    """
    parts = re.split(r"\s*;\s*|\s+and\s+|\s+&\s+|\s*\\and\s*|\s*\n\s*|\s*[、；]\s*", text.strip())
    people: list[str] = []
    for part in parts:
        commas = [piece.strip() for piece in part.split(",") if piece.strip()]
        names = [piece for piece in commas if not _is_suffix(piece)]
        whole = all(len(piece.split()) > 1 for piece in names)
        pair = len(names) == 2 and whole and (len(parts) > 1 or not names[0][0].islower())
        if pair or (len(names) > 2 and any(len(piece.split()) > 1 for piece in names)):
            people.extend(_with_suffixes(commas))
        elif part.strip(" ,"):
            people.append(part.strip(" ,"))
    return people


def _with_suffixes(commas: list[str]) -> list[str]:
    """['Ana Li', 'PhD', 'Bo Ek'] → ['Ana Li, PhD', 'Bo Ek']."""
    people: list[str] = []
    for piece in commas:
        if people and _is_suffix(piece):
            people[-1] += f", {piece}"
        else:
            people.append(re.sub(r"^and\s+", "", piece))
    return people
