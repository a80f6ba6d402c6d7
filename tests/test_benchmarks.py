"""The table of goals beside the timings: met or not is worked out, from the job it names."""

from pathlib import Path

import pytest
from benchmarks.goals import MOST_SECONDS, goal_rows
from benchmarks.jobs import COMPARED, JOBS, SIZES
from benchmarks.scale import JOBS as SCALE_JOBS
from benchmarks.scale import SIZES as SCALE_SIZES
from benchmarks.scale import measured as measured_at_scale
from benchmarks.scale_figure import LINES
from benchmarks.whole import Spent, conversations, table
from benchmarks.whole import main as whole

from valuescape.corpora.jsonl import read_jsonl


def measured(seconds: float, megabytes: float) -> dict[str, dict[str, float]]:
    of_one = {"wall": seconds, "processor": seconds, "megabytes": megabytes}
    usual = {row[2]: dict.fromkeys(of_one, 10.0) for row in COMPARED}
    return usual | {row[1]: of_one for row in COMPARED} | {"cold start": {"table": seconds}}


def answers(rows: list[str]) -> set[str]:
    return {row.rsplit("|", 2)[1].strip() for row in rows[2:]}


def test_goals_are_met_by_what_is_fast_and_small_only() -> None:
    for n in SIZES:
        assert answers(goal_rows(n, measured(0.2, 400.0))) == {"yes"}
        assert answers(goal_rows(n, measured(9_000.0, 600.0))) == {"no"}


def test_one_slow_job_misses_its_own_goal() -> None:
    results = measured(0.2, 400.0)
    results["permute"] = {"wall": 8.5, "processor": 8.5, "megabytes": 501.0}
    missed = [row for row in goal_rows(SIZES[1], results) if row.endswith("| no |")]
    assert missed == [
        "| 1,000 permutations, min-P, s | at most 8.00 | 8.50 | no |",
        "| peak memory of any of ours, MB | at most 500 | 501 | no |",
    ]


def test_every_goal_and_comparison_names_a_job() -> None:
    assert set(MOST_SECONDS) <= {ours for _, ours, _ in COMPARED}
    assert {name for row in COMPARED for name in row[1:]} <= set(JOBS)


def test_every_line_of_the_chart_of_scale_is_a_job() -> None:
    assert set(SCALE_JOBS) == set(SCALE_SIZES) == {job for job, _ in LINES}
    assert max(max(sizes) for sizes in SCALE_SIZES.values()) == 20_000_000


def test_a_job_at_scale_is_measured_in_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.scale.FOLDER", tmp_path)
    found = measured_at_scale("local", 1_000)
    assert set(found) == {"count", "closed"}
    for part in found.values():
        assert part["wall_seconds"] > 0
        assert part["processor_seconds"] >= 0
        assert part["megabytes"] > 50


def test_invented_conversations_are_read_and_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.whole.FOLDER", tmp_path)
    read = list(read_jsonl(conversations(400)))
    assert len({one.id for one in read}) == 400
    assert len({one.user_id for one in read}) == 80
    assert len({tuple(turn.content for turn in one.messages) for one in read}) > 350
    assert all([turn.role for turn in one.messages] == ["user", "assistant"] for one in read)


def test_steps_are_added_up_and_the_highest_peak_is_taken() -> None:
    found = table(
        1_000, {"label": Spent(60.2, 90.0, 300.0), "report": Spent(1_140.0, 8.0, 250.0)}, 2.5
    )
    assert "## 1,000 conversations" in found
    assert "| together | 1,200 | 98 | 300 |" in found


@pytest.mark.slow
def test_the_whole_way_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.whole.FOLDER", tmp_path)
    monkeypatch.setattr("benchmarks.whole.TABLE", tmp_path / "whole.md")
    whole(2_000)
    assert (tmp_path / "whole-2000" / "report" / "explorer.html").is_file()
    assert (tmp_path / "whole.md").read_text(encoding="utf-8").count("\n| ") == 5
