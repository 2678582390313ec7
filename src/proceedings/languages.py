"""Languages: the words that number things in a text, and script and direction of a tag.

A label is what stands at the thing (`Рисунок 1`), a reference what stands in a sentence (`рис. 1`): in languages that
inflect nouns the reference is an abbreviation, which fits every sentence.
"""

# ruff: noqa: E501 - tables of words, in scripts whose letters count twice

from __future__ import annotations

from functools import cache

KINDS = ("figure", "table", "equation", "section", "appendix", "listing", "algorithm", "theorem", "lemma", "corollary",
         "proposition", "conjecture", "definition", "example", "exercise", "solution", "remark", "proof", "axiom", "property",
         "assumption", "observation", "criterion")  # fmt: skip

# Language → words in the order of KINDS; {} is the number. A word without {} is followed by a space and the number.
_LABELS = {
    "en": "Figure|Table|Equation|Section|Appendix|Listing|Algorithm|Theorem|Lemma|Corollary|Proposition|Conjecture|"
          "Definition|Example|Exercise|Solution|Remark|Proof|Axiom|Property|Assumption|Observation|Criterion",
    "de": "Abbildung|Tabelle|Gleichung|Abschnitt|Anhang|Listing|Algorithmus|Satz|Lemma|Korollar|Proposition|Vermutung|"
          "Definition|Beispiel|Aufgabe|Lösung|Bemerkung|Beweis|Axiom|Eigenschaft|Annahme|Beobachtung|Kriterium",
    "fr": "Figure|Tableau|Équation|Section|Annexe|Listing|Algorithme|Théorème|Lemme|Corollaire|Proposition|Conjecture|"
          "Définition|Exemple|Exercice|Solution|Remarque|Démonstration|Axiome|Propriété|Hypothèse|Observation|Critère",
    "es": "Figura|Tabla|Ecuación|Sección|Apéndice|Listado|Algoritmo|Teorema|Lema|Corolario|Proposición|Conjetura|"
          "Definición|Ejemplo|Ejercicio|Solución|Observación|Demostración|Axioma|Propiedad|Supuesto|Observación|Criterio",
    "pt": "Figura|Tabela|Equação|Seção|Apêndice|Listagem|Algoritmo|Teorema|Lema|Corolário|Proposição|Conjectura|"
          "Definição|Exemplo|Exercício|Solução|Observação|Demonstração|Axioma|Propriedade|Hipótese|Observação|Critério",
    "it": "Figura|Tabella|Equazione|Sezione|Appendice|Listato|Algoritmo|Teorema|Lemma|Corollario|Proposizione|Congettura|"
          "Definizione|Esempio|Esercizio|Soluzione|Osservazione|Dimostrazione|Assioma|Proprietà|Ipotesi|Osservazione|Criterio",
    "nl": "Figuur|Tabel|Vergelijking|Sectie|Bijlage|Listing|Algoritme|Stelling|Lemma|Gevolg|Propositie|Vermoeden|"
          "Definitie|Voorbeeld|Opgave|Oplossing|Opmerking|Bewijs|Axioma|Eigenschap|Aanname|Observatie|Criterium",
    "pl": "Rysunek|Tabela|Równanie|Rozdział|Dodatek|Listing|Algorytm|Twierdzenie|Lemat|Wniosek|Stwierdzenie|Hipoteza|"
          "Definicja|Przykład|Ćwiczenie|Rozwiązanie|Uwaga|Dowód|Aksjomat|Własność|Założenie|Obserwacja|Kryterium",
    "ru": "Рисунок|Таблица|Уравнение|Раздел|Приложение|Листинг|Алгоритм|Теорема|Лемма|Следствие|Предложение|Гипотеза|"
          "Определение|Пример|Упражнение|Решение|Замечание|Доказательство|Аксиома|Свойство|Предположение|Наблюдение|Критерий",
    "uk": "Рисунок|Таблиця|Рівняння|Розділ|Додаток|Лістинг|Алгоритм|Теорема|Лема|Наслідок|Твердження|Гіпотеза|"
          "Означення|Приклад|Вправа|Розв’язок|Зауваження|Доведення|Аксіома|Властивість|Припущення|Спостереження|Критерій",
    "kk": "{}-сурет|{}-кесте|{}-теңдеу|{}-бөлім|{}-қосымша|{}-листинг|{}-алгоритм|{}-теорема|{}-лемма|{}-салдар|{}-ұсыныс|"
          "{}-болжам|{}-анықтама|{}-мысал|{}-жаттығу|{}-шешім|{}-ескерту|{}-дәлелдеу|{}-аксиома|{}-қасиет|{}-жорамал|"
          "{}-бақылау|{}-критерий",
    "tr": "Şekil|Tablo|Denklem|Bölüm|Ek|Liste|Algoritma|Teorem|Lemma|Sonuç|Önerme|Sanı|Tanım|Örnek|Alıştırma|Çözüm|"
          "Not|Kanıt|Aksiyom|Özellik|Varsayım|Gözlem|Ölçüt",
    "ar": "الشكل|الجدول|المعادلة|القسم|الملحق|الشيفرة|الخوارزمية|المبرهنة|التمهيدية|النتيجة|القضية|الحدسية|التعريف|"
          "المثال|التمرين|الحل|الملاحظة|البرهان|المسلمة|الخاصية|الفرضية|المشاهدة|المعيار",
    "zh": "图 {}|表 {}|公式 {}|第 {} 节|附录 {}|代码 {}|算法 {}|定理 {}|引理 {}|推论 {}|命题 {}|猜想 {}|定义 {}|例 {}|"
          "练习 {}|解答 {}|注 {}|证明 {}|公理 {}|性质 {}|假设 {}|观察 {}|准则 {}",
    "zh-Hant": "圖 {}|表 {}|公式 {}|第 {} 節|附錄 {}|程式碼 {}|演算法 {}|定理 {}|引理 {}|推論 {}|命題 {}|猜想 {}|定義 {}|例 {}|"
          "練習 {}|解答 {}|註 {}|證明 {}|公理 {}|性質 {}|假設 {}|觀察 {}|準則 {}",
    "ja": "図{}|表{}|式{}|第{}節|付録{}|リスト{}|アルゴリズム{}|定理{}|補題{}|系{}|命題{}|予想{}|定義{}|例{}|演習{}|解答{}|"
          "注意{}|証明{}|公理{}|性質{}|仮定{}|観察{}|基準{}",
    "ko": "그림 {}|표 {}|식 {}|{}절|부록 {}|코드 {}|알고리즘 {}|정리 {}|보조정리 {}|따름정리 {}|명제 {}|추측 {}|정의 {}|예 {}|"
          "연습 {}|풀이 {}|비고 {}|증명 {}|공리 {}|성질 {}|가정 {}|관찰 {}|기준 {}",
}  # fmt: skip

# References that differ from the label, in the order of KINDS; what is absent is as the label.
_REFERENCES = {
    "ru": {
        "figure": "рис.",
        "table": "табл.",
        "equation": "ур.",
        "section": "разд.",
        "appendix": "прил.",
        "listing": "лист.",
    },
    "uk": {
        "figure": "рис.",
        "table": "табл.",
        "equation": "рівн.",
        "section": "розд.",
        "appendix": "дод.",
        "listing": "ліст.",
    },
    "pl": {"figure": "rys.", "table": "tab.", "equation": "równ.", "section": "rozdz.", "appendix": "dod."},
}

# What authors write before a number themselves: a reference after it is the number alone.
_ABBREVIATIONS = {
    "en": "fig. figs. figure figures tab. table tables eq. eqs. eqn. equation equations sec. sect. section sections lst. "
          "listing listings alg. algorithm appendix theorem lemma corollary proposition definition example § §§",
    "de": "abb. abbildung abbildungen tab. tabelle tabellen gl. gleichung gleichungen abschn. abschnitt kapitel anhang",
    "fr": "fig. figure figures tab. tableau tableaux éq. équation équations section sections annexe",
    "es": "fig. figura figuras tabla tablas cuadro ec. ecuación ecuaciones sección secciones apéndice gráfico gráfica",
    "pt": "fig. figura figuras tabela tabelas quadro eq. equação equações seção seções secção apêndice gráfico",
    "it": "fig. figura figure tab. tabella tabelle eq. equazione equazioni sezione sezioni appendice",
    "ru": "рис. рисунок рисунка рисунке рисунки рисунках рисунком табл. таблица таблицы таблице таблиц таблицу ур. уравнение "
          "уравнения уравнении уравнений формула формулы формуле формулу разд. раздел разделе раздела прил. приложение",
    "uk": "рис. рисунок рисунку рисунка табл. таблиця таблиці таблицю рівн. рівняння формула формулі розд. розділ розділі",
    "pl": "rys. rysunek rysunku tab. tabela tabeli równ. równanie równaniu rozdz. rozdział rozdziale",
    "nl": "fig. figuur figuren tabel tabellen vergelijking sectie paragraaf bijlage",
    "tr": "şekil tablo çizelge denklem bölüm",
    "ar": "الشكل شكل الجدول جدول المعادلة معادلة القسم",
    "kk": "сурет кесте теңдеу бөлім",
    "zh": "图 表 公式 式 方程 节",
    "ja": "図 表 式",
    "ko": "그림 표 식",
}  # fmt: skip


@cache
def written(tag: str) -> str:
    """The language of a tag; of Chinese in traditional characters `zh-Hant`, whether the tag names script or region."""
    language, *parts = tag.lower().replace("_", "-").split("-")
    is_traditional = language == "zh" and {"hant", "tw", "hk", "mo"} & set(parts) and "hans" not in parts
    return "zh-Hant" if is_traditional else language


def _base(tag: str) -> str:
    """The language among ours that a tag means; '' if none."""
    language = written(tag)
    return language if language in _LABELS else ""


def has_labels(tag: str) -> bool:
    """Whether there are words for Figure, Table … in the language of `tag`."""
    return bool(_base(tag))


@cache
def _words(tag: str) -> dict[str, str]:
    words = _LABELS[_base(tag) or "en"].split("|")
    return dict(zip(KINDS, words, strict=True))


def label(kind: str, number: str, tag: str) -> str:
    """What is printed at a numbered thing: 'Figure 1', '1-сурет'. English where the language has no words."""
    return _put(_words(tag)[kind], number, " ")


def reference(kind: str, number: str, tag: str) -> str:
    """What is printed where a sentence refers to it: 'Figure 1', 'рис. 1', 'Equation (1)'."""
    base = _base(tag) or "en"
    word = _REFERENCES.get(base, {}).get(kind) or _words(tag)[kind]
    return _put(word, f"({number})" if kind == "equation" else number, "\u00a0")


def word(kind: str, tag: str) -> str:
    """The bare word: 'Figure', 'сурет'."""
    return _words(tag)[kind].replace("{}", "").strip(" -")


def _put(word: str, number: str, space: str) -> str:
    return word.replace(" ", space).replace("{}", number) if "{}" in word else f"{word}{space}{number}"


@cache
def _written_words(base: str) -> frozenset[str]:
    words = _ABBREVIATIONS.get(base.removesuffix("-Hant"), "").split()
    return frozenset(words) | {word.rstrip(".") for word in words}


def names_kind(word: str, tag: str) -> bool:
    """Whether a word before a number says what is numbered: 'Figure', '(Fig.', 'рисунке'."""
    bare = word.strip("([{“\"'«„~").casefold()
    return bool(bare) and (bare in _written_words(_base(tag) or "en") or bare in _written_words("en"))


# --- script and direction -------------------------------------------------------------------------------------

_RIGHT_TO_LEFT = frozenset("Arab Hebr Syrc Thaa Nkoo Adlm Mand Samr Rohg Mend Yezi".split())


@cache
def script(tag: str) -> str:
    """The ISO 15924 code of the script that a language is written in: 'Latn', 'Cyrl'; 'Zyyy' where it is not known."""
    import langcodes

    try:
        return langcodes.Language.get(tag).maximize().script or "Zyyy"
    except (ValueError, LookupError):
        return "Zyyy"


def direction(tag: str) -> str:
    """'rtl' or 'ltr'."""
    return "rtl" if script(tag) in _RIGHT_TO_LEFT else "ltr"
