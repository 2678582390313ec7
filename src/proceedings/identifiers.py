"""DOI, ORCID, ROR, ISSN, ISBN and BCP 47 tags: one normal form each, check digits included (python-stdnum, langcodes).

Each function returns the normal form, or raises `InvalidIdentifier` with a sentence that says what is wrong.
"""

from __future__ import annotations

import re

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


class InvalidIdentifier(ValueError):
    """The text is not such an identifier; `suggestion` is the right form where it can be known."""

    def __init__(self, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.suggestion = suggestion


def doi(text: str) -> str:
    """'https://doi.org/10.5555/ABC', 'doi:10.5555/abc' → '10.5555/abc' (DOIs do not depend on case)."""
    found = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", text.strip(), flags=re.IGNORECASE)
    if not re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/[^\s\x00-\x1f]+", found):
        raise InvalidIdentifier(f"{text!r} is not a DOI: it should look like 10.1234/suffix")
    return found.lower()


def orcid(text: str) -> str:
    """'0000 0002 1825 0097', the address of a person's page → '0000-0002-1825-0097'. Checks the last character
    (ISO 7064 mod 11-2)."""
    from stdnum.iso7064 import mod_11_2

    bare = re.sub(r"^(?:https?://)?(?:www\.)?orcid\.org/", "", text.strip().translate(_DASHES), flags=re.IGNORECASE)
    digits = re.sub(r"[-\s]", "", bare.rstrip("/").upper())
    if not re.fullmatch(r"\d{15}[\dX]", digits):
        raise InvalidIdentifier(f"{text!r} is not an ORCID iD: it has sixteen digits, 0000-0000-0000-0000")
    if not mod_11_2.is_valid(digits):
        right = mod_11_2.calc_check_digit(digits[:15])
        raise InvalidIdentifier(
            f"{text!r} is not an ORCID iD: its last character should be {right}, or another digit is wrong"
        )
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def ror(text: str) -> str:
    """→ 'https://ror.org/03yrm5c26'. Checks the last two digits (ISO 7064 mod 97-10)."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?ror\.org/", "", text.strip(), flags=re.IGNORECASE).rstrip("/").lower()
    if not re.fullmatch(r"0[a-hj-km-np-tv-z0-9]{6}\d{2}", bare):
        raise InvalidIdentifier(f"{text!r} is not a ROR id: it should look like https://ror.org/03yrm5c26")
    number = 0
    for character in bare[:7]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    right = f"{98 - number * 100 % 97:02d}"
    if bare[7:] != right:
        raise InvalidIdentifier(f"{text!r} is not a ROR id: its last two digits should be {right}, or another is wrong")
    return f"https://ror.org/{bare}"


def issn(text: str) -> str:
    """→ '2049-3630'."""
    from stdnum import issn as check
    from stdnum.exceptions import ValidationError

    digits = text.strip().translate(_DASHES).upper().replace("-", "").replace(" ", "")
    if not re.fullmatch(r"\d{7}[\dX]", digits):
        raise InvalidIdentifier(f"{text!r} is not an ISSN: it has eight characters, 1234-5678")
    try:
        return str(check.format(check.validate(digits)))
    except ValidationError as error:
        right = check.calc_check_digit(digits[:7])
        raise InvalidIdentifier(
            f"{text!r} is not an ISSN: its last character should be {right}, or another is wrong"
        ) from error


def isbn(text: str) -> str:
    """→ ISBN-13 with hyphens, '978-3-16-148410-0'; a good ISBN-10 is converted."""
    from stdnum import isbn as check
    from stdnum.exceptions import ValidationError

    digits = text.strip().translate(_DASHES).upper().replace("-", "").replace(" ", "").removeprefix("ISBN").lstrip(":")
    if not re.fullmatch(r"\d{9}[\dX]|97[89]\d{10}", digits):
        raise InvalidIdentifier(f"{text!r} is not an ISBN: it has thirteen digits and begins with 978 or 979")
    try:
        return str(check.format(check.to_isbn13(check.validate(digits))))
    except ValidationError as error:
        raise InvalidIdentifier(f"{text!r} is not an ISBN: its check digit does not fit the others") from error


def language(text: str) -> str:
    """A BCP 47 tag in its normal form: 'EN_gb' → 'en-GB'. Subtags must be registered ones."""
    import langcodes

    try:
        valid = langcodes.tag_is_valid(text.strip())
        tag = str(langcodes.standardize_tag(text.strip()))
    except ValueError as error:
        raise InvalidIdentifier(f"{text!r} is not a language tag (BCP 47), such as en, kk or pt-BR") from error
    if not valid:
        raise InvalidIdentifier(f"{text!r} is not a registered language tag (BCP 47), such as en, kk or pt-BR")
    return tag


def country(text: str) -> str:
    """A country's ISO 3166-1 code, 'KZ'."""
    import langcodes

    code = text.strip().upper()
    reserved = re.fullmatch(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ|EU|EZ|UN", code)
    if not re.fullmatch(r"[A-Z]{2}", code) or reserved or not langcodes.Language.make(territory=code).is_valid():
        raise InvalidIdentifier(f"{text!r} is not a country code (ISO 3166-1), such as KZ or BR")
    return code
