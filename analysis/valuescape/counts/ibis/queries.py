"""Every sufficient statistic as an Ibis expression; nothing is run here.

Conversations are named by ``conversation_id`` throughout; ``context`` is empty in those left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEY = "conversation_id"
PARTY = "assistant"
SUMS = ("first", "second", "third", "fourth")


def conversations(labels: Any, context: str, roles: Mapping[str, str]) -> Any:
    """Return one row a conversation: its context and the columns asked for, by their roles."""
    used = labels[context].notnull()
    if "subjective" in labels.columns:
        used = used & labels["subjective"].fill_null(False)
    columns = {role: labels[column] for role, column in roles.items()}
    return labels.select(KEY, context=used.ifelse(labels[context], None), **columns)


def occurrences(expressions: Any) -> Any:
    """Return each pair of conversation and value once, and whether the assistant expresses it."""
    import ibis

    if "party" not in expressions.columns:
        return expressions.select(KEY, "value").distinct().mutate(own=ibis.literal(True))
    own = (expressions["party"] == PARTY).fill_null(False)
    rows = expressions.select(KEY, "value", own=own)
    return rows.group_by([KEY, "value"]).aggregate(own=rows["own"].any())


def in_pass(rows: Any, column: str, number: int, passes: int) -> Any:
    """Keep the rows whose entry falls to one of the passes, by a hash of it.

    Whatever the hash, each entry falls to one pass, so that counts add up exactly.
    """
    if passes == 1:
        return rows
    place = (rows[column].hash() % passes + passes) % passes
    return rows.filter(place.fill_null(0) == number)


def margins(found: Any) -> Any:
    """Count conversations by context; ids that are empty or repeated are counted apart."""
    by_id = found.group_by(KEY).aggregate(rows=found.count(), context=found["context"].max())
    return by_id.group_by(
        nameless=by_id[KEY].isnull(), repeated=by_id["rows"] > 1, context=by_id["context"]
    ).aggregate(n=by_id.count())


def cells(found: Any, pairs: Any) -> Any:
    """Count pairs by context and value; those of unknown conversations are counted apart."""
    import ibis

    known = found.select(KEY, "context", known=ibis.literal(True))
    joined = pairs.left_join(known, KEY)
    return joined.group_by(
        nameless=joined[KEY].isnull(),
        known=joined["known"].notnull(),
        own=joined["own"],
        context=joined["context"],
        value=joined["value"],
    ).aggregate(n=joined.count())


def counted(found: Any, pairs: Any) -> Any:
    """Return the pairs that are counted, with the columns of their conversations."""
    own = pairs.filter(pairs["own"]).select(KEY, "value")
    return own.inner_join(found.filter(found["context"].notnull()), KEY)


def value_pairs(spoken: Any) -> Any:
    """Count conversations by every two values that they express, the lesser name first."""
    first, other = spoken.select(KEY, "value"), spoken.select(KEY, other="value").view()
    joined = first.inner_join(other, [KEY, first["value"] < other["other"]])
    return joined.group_by(["value", "other"]).aggregate(n=joined.count())


def in_clusters(found: Any) -> tuple[Any, Any]:
    """Count conversations by cluster (``size``), and by cluster and context (``s``)."""
    kept = found.filter(found["context"].notnull())
    sizes = kept.group_by("cluster").aggregate(size=kept.count())
    return sizes, kept.group_by(["cluster", "context"]).aggregate(s=kept.count())


def said_in_clusters(spoken: Any) -> Any:
    """Count pairs by cluster, context and value (``m``)."""
    return spoken.group_by(["cluster", "context", "value"]).aggregate(m=spoken.count())


def cluster_products(sizes: Any, own: Any, said: Any) -> tuple[Any, Any]:
    """Add products up over clusters, as in `ClusterProducts`; each row says its ``part``.

    Two queries, since each of the two that go by cell fills memory with a table of all cells: what
    comes of single margins and of cells, and of both margins. The numbers are, of all:
    clusters, N_g^2; of each context: s^2, s N_g, clusters; of each value: t^2, t N_g, clusters;
    of each cell: m^2, m t, m s, m N_g; of both without a cell's conversations: s t.
    """
    by_value = said.group_by(["cluster", "value"]).aggregate(t=said["m"].sum())
    context = own.inner_join(sizes, "cluster")
    value = by_value.inner_join(sizes, "cluster")
    cell = said.inner_join(by_value, ["cluster", "value"]).inner_join(own, ["cluster", "context"])
    cell = cell.inner_join(sizes, "cluster").select("context", "value", "m", "t", "s", "size")
    both = own.inner_join(by_value, "cluster").select("context", "value", "s", "t")
    parts = [
        _sums("all", sizes.aggregate(**_numbered(sizes.count(), _product(sizes, "size", "size")))),
        _sums("context", _margin(context, "context", "s")),
        _sums("value", _margin(value, "value", "t")),
        _sums(
            "cell",
            cell.group_by(["context", "value"]).aggregate(
                **_numbered(*(_product(cell, "m", by) for by in ("m", "t", "s", "size")))
            ),
        ),
        _sums(
            "both",
            both.group_by(["context", "value"]).aggregate(**_numbered(_product(both, "s", "t"))),
        ),
    ]
    rest = parts[0]
    for part in parts[1:-1]:
        rest = rest.union(part)
    return rest, parts[-1]


def _product(rows: Any, one: str, other: str) -> Any:
    return (rows[one] * rows[other]).sum()


def _numbered(*sums: Any) -> dict[str, Any]:
    return dict(zip(SUMS, sums, strict=False))


def _margin(rows: Any, name: str, times: str) -> Any:
    sums = _product(rows, times, times), _product(rows, times, "size"), rows.count()
    return rows.group_by(name).aggregate(**_numbered(*sums))


def _sums(part: str, rows: Any) -> Any:
    """Give the rows of a part the columns of all parts; those it lacks are empty."""
    import ibis

    kinds = {"context": "string", "value": "string", **dict.fromkeys(SUMS, "int64")}
    columns = {
        name: rows[name].cast(kind) if name in rows.columns else ibis.null(kind)
        for name, kind in kinds.items()
    }
    return rows.select(part=ibis.literal(part), **columns)


def stratum_counts(found: Any, spoken: Any) -> tuple[Any, Any]:
    """Count conversations by stratum and context, and pairs by stratum, context and value."""
    kept = found.filter(found["context"].notnull())
    sizes = kept.group_by(["stratum", "context"]).aggregate(n=kept.count())
    return sizes, spoken.group_by(["stratum", "context", "value"]).aggregate(n=spoken.count())


def block_types(found: Any, spoken: Any) -> tuple[Any, Any]:
    """Count blocks that two contexts (arms) share, by their sizes; and by value, sizes and hits.

    Blocks in which neither arm has the value are in the first table alone.
    """
    import ibis

    kept = found.filter(found["context"].notnull())
    sizes = kept.group_by(["block", "context"]).aggregate(size=kept.count())
    hits = spoken.group_by(["block", "context", "value"]).aggregate(hits=spoken.count())
    first = sizes.select("block", arm="context", size_arm="size")
    other = sizes.select("block", versus="context", size_versus="size").view()
    pairs = first.inner_join(other, ["block", first["arm"] < other["versus"]])
    key = ["block", "arm", "versus", "size_arm", "size_versus"]
    pairs = pairs.select(*key)
    zero = ibis.literal(0, "int64")
    parts = [
        _of_arm(pairs, hits, side, key).select(*key, "value", **columns)
        for side, columns in (
            ("arm", {"hits_arm": "hits", "hits_versus": zero}),
            ("versus", {"hits_arm": zero, "hits_versus": "hits"}),
        )
    ]
    rows = parts[0].union(parts[1])
    by_block = rows.group_by([*key, "value"]).aggregate(
        hits_arm=rows["hits_arm"].sum(), hits_versus=rows["hits_versus"].sum()
    )
    kinds = ["arm", "versus", "size_arm", "size_versus"]
    return (
        pairs.group_by(kinds).aggregate(n=pairs.count()),
        by_block.group_by([*kinds, "value", "hits_arm", "hits_versus"]).aggregate(
            n=by_block.count()
        ),
    )


def _of_arm(pairs: Any, hits: Any, side: str, key: list[str]) -> Any:
    """Return pairs of arms with what one of them expresses in the block."""
    of_side = hits.select("block", "value", "hits", **{side: "context"})
    return pairs.inner_join(of_side, ["block", side]).select(*key, "value", "hits")
