"""Stage ``robustness``: headline results from other readings, other material, other readers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from valuescape.errors import InputError
from valuescape.options import Robustness
from valuescape.paths import Paths, paths
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.stages.inputs import Study, read_study
from valuescape.store import RESAMPLED_DIGITS, read_columns, replaced_folder, write_table
from valuescape.study.machine_headlines import Corrected, machine_rows
from valuescape.study.robustness import RobustnessPlan, compared, robustness_table
from valuescape.study.variants import Headline, Material, Variant, subsets

KEY = ["headline", "variant"]
ONE_FACET = "one facet alone: there is nothing to cross"
_FURTHER = {"closed-2": "second", "open-1": "open", "unprimed-1": "unprimed"}
_LIMITS = {"claims": ["key"], "corrected": ["group", "quantity"], "mirroring": ["group", "stance"]}


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    everything = load_settings(home.params)
    settings = everything.robustness
    study = read_study(home)
    headlines = [Headline(h.key, h.measure, h.group, h.context, h.name) for h in settings.headlines]
    plan = RobustnessPlan(
        settings.confidence_level,
        settings.minimum_clusters,
        everything.respond.minimum_value_conversations,
    )
    variants = _variants(study, settings)
    table = robustness_table(headlines, variants, plan)
    machine = machine_rows(headlines, _corrected(home), first_place=len(variants))
    table = pd.concat([table, machine], ignore_index=True)
    listed = pd.DataFrame([vars(h) | {"headline": h.key} for h in settings.headlines])
    table = compared(table).merge(listed.drop(columns="key"), on="headline", validate="m:1")
    with replaced_folder(home.results / "robustness") as out:
        write_table(table, out / "robustness.csv", key=KEY, digits=RESAMPLED_DIGITS)


def _variants(study: Study, settings: Robustness) -> list[Variant]:
    """List the variants, the primary analysis first."""
    primary = _material(study, settings.labeller)
    again = _material(study, settings.second_reading)
    twice = primary.frame["conversation_id"].isin(again.frame["conversation_id"])
    same = replace(primary, frame=_reweighted(study, primary.frame[twice], "second"))
    crossed = replace(same, said=again.said, headings=again.headings)
    reverse = replace(again, said=same.said, headings=same.headings)
    alone = {"response_type": ONE_FACET}
    found = [
        Variant("primary", "primary", primary),
        Variant("reading", "second reading", again),
        Variant("reading", "first reading of the same", same),
        Variant("reading", "values second, context first", crossed, alone),
        Variant("reading", "values first, context second", reverse, alone),
    ]
    for labeller in settings.other_protocols:
        codebook = labeller.split("-")[1]
        found.append(Variant("codebook", f"{codebook} codebook", _material(study, labeller)))
    return [*found, *subsets(primary, study.readings.conversations)]


def _material(study: Study, labeller: str) -> Material:
    """Gather what one labeller read, weighted by the chance that it was to read it."""
    frame = study.frame(labeller)
    frame = frame[frame["group"] != "human_reference"].reset_index(drop=True)
    waves = study.readings.sample.set_index("conversation_id")["wave"]
    frame = frame.assign(wave=frame["conversation_id"].map(waves))
    further = _FURTHER.get(labeller.removeprefix("reading-"))
    return Material(
        _reweighted(study, frame, further) if further else frame,
        study.expressed(labeller, "assistant"),
        study.expressed(labeller, "assistant", 3),
        study.expressed(labeller, "user"),
    )


def _reweighted(study: Study, frame: pd.DataFrame, reading: str) -> pd.DataFrame:
    """Divide weights by the chance of a further reading, given the first.

    Raises
    ------
    InputError
        If a conversation was read so although it had no chance of it.
    """
    column = f"{reading}_reading_probability"
    chances = study.readings.sample.set_index("conversation_id")[column]
    chance = frame["conversation_id"].map(chances)
    if (chance <= 0).any():
        first = frame.loc[chance <= 0, "conversation_id"].iloc[0]
        raise InputError(f"sample.csv: {column} of {first!r} is 0, yet it was read so")
    return frame.assign(weight=frame["weight"] / chance).reset_index(drop=True)


def _corrected(home: Paths) -> Corrected:
    folder = home.results / "correct"
    return Corrected(
        *(read_columns(folder / f"{name}.csv", columns) for name, columns in _LIMITS.items())
    )


if __name__ == "__main__":
    run(main)
