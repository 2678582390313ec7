"""Personal names: text → parts. `?` marks a reading that is not certain."""

from __future__ import annotations

import pytest

from proceedings.names import parse, several

NAMES = """
    Ada Loom                        | given Ada; family Loom
    Loom, Ada                       | given Ada; family Loom
    Ludwig van Dam                  | given Ludwig; particle van; family Dam
    van Dam, Ludwig                 | given Ludwig; particle van; family Dam
    Dam, Ludwig van                 | given Ludwig; particle van; family Dam
    Marie de la Tour Perrin         | given Marie; particle de la; family Tour Perrin
    Jan op 't Hof                   | given Jan; particle op 't; family Hof
    José Loma y Garza               | given José; family Loma y Garza
    Dirk Van Weft                   | given Dirk; family Van Weft ?
    Ada Q. Loom                     | given Ada Q.; family Loom
    A. J. R. Loom                   | given A. J. R.; family Loom
    Ada J G Loom                    | given Ada J G; family Loom
    Jean-Pierre Loom                | given Jean-Pierre; family Loom
    Ana Maria Loma Garza            | given Ana Maria Loma; family Garza ?
    Loma Garza, Ana Maria           | given Ana Maria; family Loma Garza
    Bo Ek Jr.                       | given Bo; family Ek; suffix Jr.
    Bo Carl Ek III                  | given Bo Carl; family Ek; suffix III ?
    Ek, Jr., Bo                     | given Bo; family Ek; suffix Jr.
    Ek, Bo, Jr                      | given Bo; family Ek; suffix Jr
    Ada Loom, PhD                   | given Ada; family Loom; suffix PhD
    Ada Loom, M.D., Ph.D.           | given Ada; family Loom; suffix M.D., Ph.D.
    Loom A. B.                      | given A. B.; family Loom
    Loom AB                         | given AB; family Loom
    Malcolm X                       | given Malcolm; family X
    Plato                           | family Plato
    ada.loom                        | family ada.loom
    Eric Wef'thommeaux              | given Eric; family Wef'thommeaux
    王小明                           | family 王小明
    山田 花子                        | family 山田 花子
    김 철수                          | family 김 철수
    Begüm D. Topçuoğlu              | given Begüm D.; family Topçuoğlu
    John Paul Petrovich             | given John Paul; family Petrovich ?
    Тканов Иван Петрович            | given Иван Петрович; family Тканов
    Иван Петрович Тканов            | given Иван Петрович; family Тканов
    Тканов И. П.                    | given И. П.; family Тканов
    И. П. Тканов                    | given И. П.; family Тканов
    Асқаров Ерлан Болатұлы          | given Ерлан Болатұлы; family Асқаров
    محمد نساج                       | given محمد; family نساج
    Omar bin Nasser                 | given Omar; particle bin; family Nasser
    Omar al-Rahim al-Nassaj         | given Omar al-Rahim; family al-Nassaj ?
    {Loom and Sons}                 | group Loom and Sons
    The Weave Collaboration         | group The Weave Collaboration ?
    Weave Core Team                 | group Weave Core Team ?
"""


@pytest.mark.parametrize("line", [line.strip() for line in NAMES.strip().splitlines()])
def test_parse(line: str) -> None:
    text, _, wanted = (part.strip() for part in line.partition("|"))
    name = parse(text)
    assert "; ".join(f"{field} {value}" for field, value in name.parts.items()) + " ?" * (not name.sure) == wanted


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Ada Loom", ["Ada Loom"]),
        ("Loom, Ada", ["Loom, Ada"]),
        ("van Dam, Jan Pieter", ["van Dam, Jan Pieter"]),
        ("Ada Loom, Bo Ek", ["Ada Loom", "Bo Ek"]),
        ("Ada Loom, Bo Ek, and Cy Oh", ["Ada Loom", "Bo Ek", "Cy Oh"]),
        ("Ada Loom, PhD, Bo Ek, MD", ["Ada Loom, PhD", "Bo Ek, MD"]),
        ("Loom, Ada; Ek, Bo", ["Loom, Ada", "Ek, Bo"]),
        ("Ada Loom and Bo Ek", ["Ada Loom", "Bo Ek"]),
        ("Ada Loom & Bo Ek", ["Ada Loom", "Bo Ek"]),
        ("王小明、山田花子", ["王小明", "山田花子"]),
    ],
)
def test_several(text: str, people: list[str]) -> None:
    assert several(text) == people


@pytest.mark.parametrize("text", ["", " ", ",", "{}", "—", "a, b, c, d"])
def test_what_is_no_name_does_no_harm(text: str) -> None:
    assert set(parse(text).parts.values()) <= {text.strip()}
