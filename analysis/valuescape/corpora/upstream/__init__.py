"""Files of the public corpora in, conversations out: one module a source.

Every adapter takes the upstream paths of its source, each with the local file that holds it, in
the order of ``data/acquire/upstream.csv``, and yields conversations whose identifiers are those
of ``data/labels/conversations.csv``.
"""
