"""JATS 1.3 of one contribution, with its figures: Journal Publishing where there is an ISSN, else Archiving."""

from __future__ import annotations

from proceedings.edition import Store
from proceedings.model import JatsProfile
from proceedings.renderings.jats import scielo
from proceedings.renderings.jats.article import article
from proceedings.renderings.jats.facts import Facts, facts, rendering_of
from proceedings.renderings.jats.grammar import serialise
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer

_DOCTYPE = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) {} DTD with MathML3 v1.3 20210610//EN"'
    ' "https://jats.nlm.nih.gov/{}">'
)
PUBLISHING = _DOCTYPE.format("Journal Publishing", "publishing/1.3/JATS-journalpublishing1-3-mathml3.dtd")
ARCHIVING = _DOCTYPE.format("Journal Archiving and Interchange", "archiving/1.3/JATS-archivearticle1-3-mathml3.dtd")


def write(view: Facts, store: Store) -> Output:
    """jats/SLUG.xml, and its figures in jats/SLUG/."""
    prepared = view.prepared
    slug = prepared.contribution.slug
    rendering = rendering_of(view, store)
    if view.volume.jats_profile is JatsProfile.SCIELO:
        root = scielo.suited(article(view, rendering, printed=True))
    else:
        root = article(view, rendering)
    data = serialise(root, PUBLISHING if view.issn else ARCHIVING)
    images = {image.name: image.digest for image in prepared.images}
    figures = [Artifact(f"jats/{slug}/{name}", store.get(digest)) for name, digest in images.items()]
    return Output((Artifact(f"jats/{slug}.xml", data), *figures), rendering.findings)


ARTICLE = Writer(
    name="jats",
    summary="JATS XML of each contribution, with its figures",
    scope=Scope.CONTRIBUTION,
    view=facts,
    write=write,
    needs=frozenset({Need.PAGES}),
)
