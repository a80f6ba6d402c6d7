"""Stage ``render``: the manuscript, its numbers, tables and figures become HTML and PDF."""

import sys

from valuescape.paths import paths
from valuescape.report.rendering import render_paper
from valuescape.stages import run


def main() -> None:
    """Render the paper of the checkout and say which renderer ran."""
    where = paths()
    result = render_paper(where.paper, where.figures)
    done = "rendered" if result.fresh else "unchanged since it was rendered"
    renderer = result.renderer
    pages = ", ".join(str(page.relative_to(where.root)) for page in (result.html, result.pdf))
    sys.stdout.write(f"paper {done} by {renderer.name} ({renderer.reason}): {pages}\n")


if __name__ == "__main__":
    run(main)
