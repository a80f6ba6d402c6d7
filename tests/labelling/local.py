"""Runs of the endpoint labeller against the loopback server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.labelling.claude import order
from tests.providers.endpoint_server import MODEL
from valuescape.labelling.endpoint_command import label_with_endpoint


def run(
    folder: Path,
    url: str,
    *,
    confirm: bool = True,
    tell: Callable[[str], None] = lambda _: None,
    **changed: object,
) -> str:
    """Label ``folder/c.jsonl`` into ``folder/out`` by a model behind an endpoint."""
    api = {k: changed.pop(k) for k in ("max_retries", "timeout") if k in changed}
    return label_with_endpoint(
        order(folder, **{"model": MODEL} | changed),
        url,
        lambda _: confirm,
        tell=tell,
        first_wait=0.01,
        **{"timeout": 5.0} | api,  # type: ignore[arg-type]
    )
