"""JATS of one contribution, with its figures."""

from __future__ import annotations

from proceedings.edition import Store
from proceedings.renderings.jats.article import document
from proceedings.renderings.jats.facts import Facts, facts
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer


def write(view: Facts, store: Store) -> Output:
    """jats/SLUG.xml, and its figures in jats/SLUG/."""
    slug = view.prepared.contribution.slug
    data, findings = document(view, store)
    images = {image.name: image.digest for image in view.prepared.images}
    figures = [Artifact(f"jats/{slug}/{name}", digest=digest) for name, digest in images.items()]
    figures += [Artifact(f"jats/{slug}/{asset.name}", digest=asset.digest) for asset in view.prepared.files]
    return Output((Artifact(f"jats/{slug}.xml", data), *figures), findings)


ARTICLE = Writer(
    name="jats",
    summary="JATS XML of each contribution, with its figures",
    scope=Scope.CONTRIBUTION,
    view=facts,
    write=write,
    needs=frozenset({Need.PAGES}),
    is_xml=True,
)
