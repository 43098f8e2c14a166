"""What is read off libFuzzer's log."""

from __future__ import annotations

from fuzz.outcome import Outcome, read_log

_DONE = """\
INFO: seed corpus: files: 3 min: 97b max: 257b total: 752b rss: 49Mb
#4	INITED cov: 100 ft: 200 corp: 3/752b exec/s: 0 rss: 49Mb
#50	NEW    cov: 110 ft: 210 corp: 4/800b lim: 257 exec/s: 25 rss: 50Mb L: 97/257 MS: 1 ChangeBit-
#64	pulse  cov: 110 ft: 210 corp: 4/800b lim: 257 exec/s: 21 rss: 50Mb
#70	REDUCE cov: 111 ft: 212 corp: 5/850b lim: 257 exec/s: 20 rss: 51Mb L: 90/257 MS: 1 EraseBytes-
#90	NEW    cov: 113 ft: 220 corp: 6/900b lim: 257 exec/s: 20 rss: 51Mb L: 97/257 MS: 1 ChangeBit-
#99	NEW    cov: 113 ft: 221 corp: 7/990b lim: 257 exec/s: 20 rss: 51Mb L: 97/257 MS: 1 ChangeBit-
#99	DONE   cov: 113 ft: 221 corp: 7/990b lim: 257 exec/s: 20 rss: 51Mb
stat::number_of_executed_units: 99
stat::peak_rss_mb:              51
"""


def test_edges_of_the_last_third() -> None:
    found = read_log("tcp", _DONE, False)
    assert found == Outcome("tcp", executions=99, latest=90, edges=113, late=3, features=221, megabytes=51)
    assert read_log("tcp", _DONE.replace("#70\t", "#66\t"), False).late == 2


def test_a_run_that_failed() -> None:
    crash = "=== Uncaught Python exception: ===\nAssertionError\nTest unit written to crashes/tcp-1"
    for said, failed in ((crash, True), (_DONE, True), ("", False), (_DONE.split("stat", maxsplit=1)[0], False)):
        found = read_log("tcp", said, failed)
        assert found.failure is not None
        assert not found.executions
    failure = read_log("tcp", crash, True).failure or ""
    assert failure.startswith("=== Uncaught")
    assert failure.endswith("crashes/tcp-1")
