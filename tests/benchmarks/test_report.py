"""The tables: where they go, what they say, and that wrong counts stop everything."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks import contestants
from benchmarks.agreement import CountsDifferError
from benchmarks.captures import store
from benchmarks.contestants import Contestant, analyze, our_forms
from benchmarks.measure import CommandFailedError, run
from benchmarks.race import Memory, Result, Rounds, race, race_together
from benchmarks.report import BEGIN, END, NoPlaceError, Report, figure, put_into


def quietly(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> store.Made:
    return store.make("dense", 300, tmp_path_factory.mktemp("benchmarks") / "dense.pcap")


def sleeper(title: str, sample: int | None = None) -> Contestant:
    """Takes the longer, the longer the file is."""
    program = "import os, sys, time; time.sleep(os.stat(sys.argv[1]).st_size / 2e5)"
    command = [sys.executable, "-I", "-S", "-c", program]
    return Contestant(title, "sleeps", lambda path: [*command, str(path)], sample=sample)


@pytest.fixture(scope="module")
def report(made: store.Made) -> Report:
    missing = Contestant("other", "reads", lambda _: [], missing="apt-get install other")
    readers = [*our_forms()[:2], sleeper("whole"), sleeper("sampled", sample=100), missing]
    results = race(made, readers, Rounds(1, 1), quietly)
    return Report({"processor": "one"}, [(made, results)], [missing], [], [Memory("dense", 300, 49_528, 1.0, 1 << 20)])


def test_a_sample_is_told_and_calculated(made: store.Made, report: Report) -> None:
    ours, counting, whole, sampled = report.captures[0][1]
    assert (ours.ratio, ours.calls) == (1.0, made.report["totals"]["calls"])
    assert (counting.title, counting.calls) == ("netinfo-scapy --counts-only", ours.calls)
    assert (whole.packets_read, sampled.packets_read) == (300, 100)
    assert sampled.seconds == pytest.approx(3 * sampled.runs.seconds - 2 * sampled.start.seconds)
    tables = "\n".join(table.markdown() for table in report.tables())
    assert "sampled 100;" in tables and "`apt-get install other`" in tables


def test_each_is_compared_with_both_of_our_forms(made: store.Made, report: Report) -> None:
    results = report.captures[0][1]
    ours, counting, *_ = results
    assert counting.counting_ratio == 1.0
    for each in results:
        assert each.ratio == pytest.approx(each.seconds / ours.seconds)
        assert each.counting_ratio == pytest.approx(each.seconds / counting.seconds)
    (alone,) = race(made, our_forms()[:1], Rounds(1, 1), quietly)
    assert (alone.ratio, alone.counting_ratio) == (1.0, None)
    *_, table = Report({}, [(made, [alone])], [], [], []).tables()
    assert table.columns[-2:] == ["times ours", "times counts only"] and table.rows[0][-2:] == ["1.00", "-"]


def test_both_of_our_forms_are_checked(made: store.Made) -> None:
    wrong = made._replace(report=made.report | {"totals": made.report["totals"] | {"calls": 4711}})
    forms = [each for each in our_forms() if each.counts_only]
    assert [each.ours for each in forms] == [True] * len(forms) != []
    with pytest.raises(CountsDifferError, match=r"--counts-only on dense: totals\.calls: 4711 expected"):
        race(wrong, forms[:1], Rounds(1, 1), quietly)


def test_the_tables_take_the_place_between_the_marks(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    put_into(path, report)
    once = path.read_text()
    assert once.startswith(f"before\n{BEGIN}\n") and once.endswith(f"{END}\nafter\n") and "old" not in once
    assert "### dense: 300 packets" in once
    put_into(path, report)
    assert path.read_text() == once


def test_without_marks_nothing_is_written(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text(f"{END}{BEGIN}")
    with pytest.raises(NoPlaceError, match="no place for the tables"):
        put_into(path, report)
    assert path.read_text() == f"{END}{BEGIN}"


def test_json_is_plain(report: Report) -> None:
    results = json.loads(json.dumps(report.json()))["captures"]["dense"]["results"]
    assert [each["title"] for each in results] == [
        "netinfo-scapy analyze",
        "netinfo-scapy --counts-only",
        "whole",
        "sampled",
    ]
    assert set(results[0]) == set(Result._fields)


def test_wrong_counts_stop_the_race(made: store.Made) -> None:
    wrong = made._replace(report=made.report | {"totals": made.report["totals"] | {"calls": 4711}})
    with pytest.raises(CountsDifferError, match=r"totals\.calls: 4711 expected"):
        race(wrong, our_forms()[:1], Rounds(1, 1), quietly)


def test_files_together_count_as_the_whole(made: store.Made, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_jobs(*options: str) -> list[str]:
        return analyze(*options[2:]) if options[:1] == ("--jobs",) else analyze(*options)

    assert contestants.has_jobs() or race_together(made, 1, quietly) is None
    monkeypatch.setattr("benchmarks.race.has_jobs", lambda: True)
    if not contestants.has_jobs():
        monkeypatch.setattr("benchmarks.race.analyze", without_jobs)
    together = race_together(made, 1, quietly)
    assert together and (together.capture, together.one.rounds, together.two.rounds) == ("dense", 1, 1)
    *_, table = Report({}, [], [], [together], []).tables()
    assert table.title == "Two processes, 8 files"


@pytest.mark.parametrize(
    ("number", "shown"), [(1234.5, "1,234"), (99.96, "100.0"), (12.34, "12.3"), (2.345, "2.35"), (0.0123, "0.012")]
)
def test_figures_have_the_digits_that_mean_something(number: float, shown: str) -> None:
    assert figure(number) == shown


def test_a_command_that_fails_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match="ended with 3: no such luck"):
        run([sys.executable, "-c", "import sys; print('no such luck', file=sys.stderr); sys.exit(3)"], tmp_path / "out")


def test_peak_is_that_of_the_command(tmp_path: Path) -> None:
    small, large = (
        run([sys.executable, "-I", "-S", "-c", f"b'x' * {size}"], tmp_path / "out").peak_bytes
        for size in (1, 200 << 20)
    )
    assert small < 100 << 20 < 200 << 20 < large
