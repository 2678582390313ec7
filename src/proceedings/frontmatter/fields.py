"""The names of fields: how others spell what we know, what only steers other tools, and what is a slip."""

from __future__ import annotations

from functools import cache

from proceedings.diagnostics import Diagnostic, Location
from proceedings.frontmatter.notes import Notes
from proceedings.frontmatter.vocabulary import Vocabulary, Words, plain
from proceedings.model import Contribution, Relation
from proceedings.records import unknown_field
from proceedings.source import Map, Scalar, Seq, key_location

# What others call our fields. Some names on the right are met by a later step (`parts`, `open-access`, `type` …).
SYNONYMS = {
    "title": "main-title full-title",
    "subtitle": "sub-title",
    "short-title": "title-short running-title title-running running-head running-header run-head run-title head-title",
    "lang": "language locale main-language",
    "kind": "article-type article-kind contribution-type paper-type",
    "abstract": "abstracts resumo resumen résumé zusammenfassung аннотация",
    "plain-summary": "plain-language-summary plain-language-abstract lay-summary lay-abstract",
    "keywords": "tags keyword key-words index-terms palabras-clave mots-clés schlüsselwörter",
    "subjects": "subject categories category topics",
    "authors": "author byline author-info",
    "contributors": "contributor",
    "editors": "editor",
    "translators": "translator",
    "reviewers": "reviewer",
    "illustrators": "illustrator",
    "compilers": "compiler",
    "collaborations": "collaboration group-authors group-author consortium",
    "affiliations": "affiliation institute institutes institution institutions organisation organization organisations"
    " organizations address addresses",
    "correspondence": "corresponding corresponding-author contact contacts correspondence-email",
    "funding-statement": "",
    "funding": "funder funders fundings grants financial-support",
    "licence": "license licenses rights-licence copyright-license",
    "copyright-holder": "copyright-owner rights-holder",
    "received": "date-received received-date date-submitted submission-date",
    "revised": "date-revised revised-date revision-date",
    "accepted": "date-accepted accepted-date acceptance-date",
    "published": "date-published published-date publication-date publish-date pub-date pubdate publishdate",
    "acknowledgements": "acknowledgments acknowledgement acknowledgment thanks ack gratitude",
    "conflict-of-interest": "conflicts-of-interest conflict-of-interests competing-interests competing-interest coi"
    " declaration-of-interest declaration-of-interests conflict-of-interest-statement disclosure disclosures",
    "data-availability": "data-availability-statement availability-of-data data-statement data-sharing",
    "code-availability": "code-availability-statement software-availability",
    "ethics": "ethics-statement ethics-approval ethical-approval",
    "ai-use": "ai-use-statement ai-statement ai-disclosure ai-usage ai-usage-disclosure generative-ai",
    "author-note": "authornote about-the-author about-the-authors author-bio author-bios",
    "summarises": "summarizes",
    "supplements": "supplement supplementary supplementary-material supplementary-materials supplementary-files"
    " supplemental supplemental-material supplemental-materials supporting-information additional-files attachments",
    "bibliography": "bibliographies bibfile cito-bibliography",
    "references": "reference-list",
    "first-published-in": "originally-published-in originally-published first-published",
}

# Facts that a later step turns into ours.
CONVERTED = Words(
    "authors editors translators reviewers illustrators compilers collaborations correspondence email orcid parts"
    " dates open-access copyright citation publication repository type holder bibliography references nocite"
)

# Settings that the body's readers may want: handed on as `extras`.
SETTINGS = Words(
    "math macros abbreviations substitutions header-includes crossref fig-prefix eqn-prefix tbl-prefix lst-prefix"
    " sec-prefix figure-title table-title listing-title numbering number-sections numbersections glossary"
    " reference-section-title csl link-citations suppress-bibliography citation-style date"
)

# Facts and settings of other tools that have no effect here.
IDLE = Words("""
    date date-modified date-format last-modified lastmod updated modified created compiled year volume issue journal
    number pages-count description summary lead deck excerpt teaser headline tagline banner cover hero image images
    image-caption images-caption thumbnail thumbnails thumbnail-options featured featured-image feature-image
    header-image social twitter-card og-image photo avatar draft slug id uuid guid url urls aliases redirect
    redirect-from redirect-to permalink layout menu menus weight order parent nav-order nav-exclude has-children
    has-toc navigation sidebar sidebars pager widgets toc toc-depth toc-title tocdepth toc-own-page lof lot comments
    comment math-engine mathjax katex share sharing searchable search sitemap robots headless cascade outputs output
    template theme site style styles css stylesheet class classoption documentclass document-class journal-name
    geometry fontsize font fonts mainfont main-font sansfont monofont cjkmainfont fontfamily fontenc linestretch
    line-spacing linespacing papersize paper-size papersettings margin margin-left margin-right margin-top
    margin-bottom indent parskip colorlinks linkcolor urlcolor citecolor toccolor include-before include-after
    before-body after-body include-in-header header-footer header footer format formats execute engine jupyter
    jupytext kernelspec kernel knitr knit params runtime vignette editor-options preserve-yaml exports export
    downloads download binder github repo repository-url thebe launch resources requirements dependencies extends
    version versions revision status-note build bibliography-style biblio-style biblio-title biblatexoptions
    natbiboptions natbib biblatex cite-method citation-package citeproc csl-refs link-bibliography notebook
    notebooks manubot pandoc pandoc-options pandocomatic pandoc-crossref filters filter lua-filters from to reader
    writer standalone self-contained embed-resources word-count wordcount words linenumbers line-numbers
    numbered-lines linkreferences name-in-link auto-section-labels autosectionlabels chapters chapter part cref
    codeblock-captions subfigures lof-title lot-title lol-title event conference venue event-name event-url group
    authors-short author-short short-authors author-meta authors-meta title-meta title-prefix title-block-style
    title-block-banner subject-meta keywords-meta doi-batch archive archive-doi aas-doi aas-journal
    software-repository repository-doi preprint peer-reviewed venue-url biblio submitted submission-id paper-id
    editor-url review-url reproduction replication bibtex isbn issn publisher place location pdf slides video code
    data website project social-media github-url twitter mastodon bluesky linkedin open-graph analytics hidden
    private public pinned sticky series series-order type tableofcontents anonymous removetitleabstract appendix
    endnotes twocol twocolumn two-column floatsintext figurelist tablelist footnotelist mask masked blinded preamble
    simplemode simple cor-author lineno review-mode titlepage title-page cover-image coverpage copyright-year hash
    identifier identifiers rights audience genre edition site-title short-description longtitle shortauthors ccsdesc
    ccs ccs-concepts acm-reference-format conference-info source sources origin authors-list csquotes quotes
    reference-location reference-links section-divs shift-heading-level-by highlight-style highlight
    syntax-definition code-fold code-tools code-link code-block-bg fig-width fig-height fig-cap fig-dpi fig-align
    tbl-cap df-print warning message echo cache freeze eval error editor-mode visual canonical canonical-url
    lastedited show-toc showtoc show-date arxiv pmid pmcid first-page last-page options label edit-url linenos
    read-time reading-time readingtime estimated-reading-time locale-date timezone biohackathon-name
    biohackathon-url biohackathon-location git-url toc-location is-particlejs-enabled google-scholar language
""")  # fmt: skip

_RELATIONS = frozenset(str(item.value) for item in Relation)


@cache
def own_fields() -> frozenset[str]:
    """The fields of a contribution in our spelling, relations included, without those that the reader sets."""
    return frozenset(name.replace("_", "-") for name in Contribution.model_fields) - {"slug"} | _RELATIONS


@cache
def vocabulary() -> Vocabulary:
    """Every field that some step reads."""
    return Vocabulary(SYNONYMS, [*own_fields(), *CONVERTED.names, *SETTINGS.names])


def respell(record: Map, notes: Notes) -> Map:
    """Give every field the name that we know it by. A fact that is given twice is told; its first value counts."""
    result = Map.of({}, record.location)
    for key, value in record.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue  # an empty field says nothing
        name = _setting(key, value) or vocabulary().find(key) or plain(key)
        place = key_location(record, key, record.location)
        if name not in result or result[name] == []:
            result.pop(name, None)
            result[Scalar.of(name, place)] = value
        elif name in ("keywords", "subjects"):
            result[name] = Seq.of([*_items(result[name]), *_items(value)], place)
        elif value != result[name]:
            result[name], lost = _better(name, result[name], value)
            first = key_location(result, name, place)
            which = "this" if lost is value else "that"
            message = f"`{key}` and line {first.line} give the same fact; {which} one is not used"
            notes.add("M010", message, place, "Delete one of the two.")
    return result


def _setting(key: str, value: object) -> str:
    """The name of a setting of Quarto's that looks like a fact: `language:` with words for its own furniture, or the
    file that has them; `editor:` with the program's mode. '' for any other field."""
    name = plain(key)
    if name == "language" and (isinstance(value, Map) or str(value).endswith((".yml", ".yaml"))):
        return "language"
    modes = set(value) if isinstance(value, Map) else {value} if isinstance(value, str) else set()
    return "editor-mode" if name == "editor" and modes & {"visual", "source", "markdown", "render-on-save"} else ""


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]


def _better(name: str, first: object, second: object) -> tuple[object, object]:
    """(the value to use, the other): authors as records say more than authors as strings."""
    detailed = isinstance(second, list) and any(isinstance(item, Map) for item in second)
    plainer = not (isinstance(first, list) and any(isinstance(item, Map) for item in first))
    return (second, first) if name == "authors" and detailed and plainer else (first, second)


def sort_out(record: Map, notes: Notes) -> tuple[Map, Map]:
    """What is left at the end → (our fields, settings for the body's readers). The rest is told."""
    ours, extras = Map.of({}, record.location), Map.of({}, record.location)
    for key, value in record.items():
        place = key_location(record, key, record.location)
        if key in own_fields():
            ours[key] = value
        elif key in SETTINGS:
            extras[key] = value
        if key in own_fields() or value is None:
            continue
        if key in IDLE:
            notes.idle(key, place)
        elif key not in SETTINGS:
            notes.findings.append(_unknown(key, place))
    return ours, extras


def _unknown(key: str, place: Location) -> Diagnostic:
    others = {other for spellings in SYNONYMS.values() for other in spellings.split() if len(other) > 4}
    return unknown_field("", key, sorted(own_fields() | others), place)
