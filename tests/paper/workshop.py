"""A small paper in a folder of its own, for tests that render."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.paths import ROOT

FIGURE = """<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100" viewBox="0 0 300 100">
<rect width="300" height="100" fill="#dde3ee"/></svg>
"""
BIBLIOGRAPHY = """@article{doe2020, title={On shares}, author={Doe, Ann},
  journal={Journal of Shares}, year={2020}, doi={10.1000/xyz}}
@book{roe1999, title={Counting}, author={Roe, Bob and Moe, Cy}, publisher={Press}, year={1999}}
"""
VARIABLES = "q1:\n  n: '1,234'\n  top: clarity\ndata:\n  folds: 10\n"
TABLE = """| value | share |
|-------|------:|
| {{< var q1.top >}} | 12.5 |

: Shares of {{< var q1.n >}} conversations. {#tbl-shares}
"""
ORIGINS = """{"bars": {"data": ["results/count/bars.csv"], "script": "pack/figures/bars.py",
  "stages": ["count", "draw"]}, "tbl-shares": {"data": ["results/count/shares.csv",
  "labels/frame.csv"], "script": "pack/tables/shares.py", "stages": ["count", "write"]}}
"""
FRONT = """---
title: "A small paper"
author: "The valuescape contributors"
abstract: |
  It reads {{< var q1.n >}} conversations [@doe2020].
keywords: [values, tests]
lang: en
bibliography: references.bib
link-citations: true
---

"""
BODY = """# Beginning {#sec-beginning}

See @fig-bars, @tbl-shares, @tbl-second, @sec-middle and @eq-share.
Also [@fig-bars; @tbl-shares], a bare number [-@tbl-second] and a [panel @fig-bars].
As @doe2020 said, and others [@roe1999, p. 3].

![The bars of *{{< var q1.top >}}*.](../figures/bars.svg){#fig-bars fig-alt="A grey field."}

## Middle of {{< var q1.top >}} {#sec-middle}

{{< include tables/shares.md >}}

$$
p = \\frac{k}{n}, \\quad K = {{< var data.folds >}}
$$ {#eq-share}

::: {.callout-note}
## Mind this

Two populations differ.
:::

| a | b |
|---|---|
| 1 | 2 |

: A second table. {#tbl-second}

# End

::: {.content-visible when-format="html"}

## Only on the page {#sec-only}

Not printed.

:::

# References {.unnumbered}

::: {#refs}
:::
"""


def build(home: Path, body: str = BODY, *, files: Mapping[str, str] | None = None) -> Path:
    """Write a paper with the repository's filters and style; return its folder.

    ``files`` replaces or adds files by their path relative to the paper's folder.
    """
    paper = home / "paper"
    for folder in ("filters", "style"):
        shutil.copytree(ROOT / "paper" / folder, paper / folder)
    content = {
        "paper.qmd": FRONT + body,
        "_variables.yml": VARIABLES,
        "references.bib": BIBLIOGRAPHY,
        "tables/shares.md": TABLE,
        "tables/origins.json": ORIGINS,
        "../figures/bars.svg": FIGURE,
        **(files or {}),
    }
    for name, text in content.items():
        path = paper / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return paper
