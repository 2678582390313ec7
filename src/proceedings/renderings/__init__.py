"""What several writers share: the tree as HTML, as pages and as JATS, so that writers never import each other."""
