"""JATS of one contribution, with its figures."""

from __future__ import annotations

from proceedings.edition import Store
from proceedings.renderings.jats.article import document
from proceedings.renderings.jats.facts import Facts, facts
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer, beside


def write(view: Facts, store: Store) -> Output:
    """jats/SLUG.xml, and its figures in jats/SLUG/."""
    slug = view.prepared.contribution.slug
    data, findings = document(view, store)
    return Output((Artifact(f"jats/{slug}.xml", data), *beside(view.prepared, f"jats/{slug}")), findings)


ARTICLE = Writer(
    name="jats",
    summary="JATS XML of each contribution, with its figures",
    scope=Scope.CONTRIBUTION,
    view=facts,
    write=write,
    needs=frozenset({Need.PAGES}),
    is_xml=True,
)
