"""Snort 2 and 3, which few have installed: a stand-in that behaves as their manuals say, held to our command lines."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from netinfo_scapy.craft.engines.engine import Checksums, EngineMissingError, UnloadedRulesError
from netinfo_scapy.craft.engines.snort import Snort2, Snort3, _Snort
from tests.support.captures import CRAFTED

STAND_IN = """#!{python}
import re, sys
from pathlib import Path
MAJOR = {major}
VERSION = {{2: "   ''_    Version 2.9.20 GRE (Build 82)", 3: "   ''_    Version 3.1.82.0"}}[MAJOR]
words = sys.argv[1:]
if words == ["-V"]:
    print(f",,_     -*> Snort <*-\\n{{VERSION}}", file=sys.stderr)
    sys.exit(0)
given = dict(zip(words, words[1:]))
configuration = Path(given["-c"]).read_text()
assert given["-k"] in ("all", "none") and Path(given["-l"]).is_dir() and "-q" in words
if MAJOR == 2:
    assert given["-A"] == "console" and "-N" in words
    includes = [Path(each) for each in re.findall(r"^include (.+)$", configuration, re.M)]
    assert "preprocessor rpc_decode: 111 961" in configuration and "max_queue_events 64" in configuration
    assert [each.name for each in includes[:2]] == ["classification.config", "reference.config"]
    path = includes[-1]
else:
    assert given["-A"] == "alert_fast" and "rpc_decode = {{ }}" in configuration
    assert configuration.count("{{") == configuration.count("}}")
    path = Path(given["-R"])
data = Path(given["-r"]).read_bytes()
for number, line in enumerate(path.read_text().splitlines(), 1):
    if not line or line.startswith("#"):
        continue
    if "nothing:" in line:
        place = f"{{path}}({{number}})" if MAJOR == 2 else f"{{path}}:{{number}}"
        print(f"ERROR: {{place}} Unknown rule option: 'nothing'.", file=sys.stderr)
        sys.exit(1)
    found = bytes.fromhex(re.search(r'content:"\\|([0-9a-f ]+)\\|', line)[1])
    sid = re.search(r"sid:(\\d+)", line)[1]
    for _ in range(data.count(found)):
        print(f'02/11-21:46:40.003000  [**] [1:{{sid}}:1] "NetInfo" [**] {{{{TCP}}}} 192.0.2.1:1 -> 192.0.2.2:1')
print("02/11-21:46:40.003000  [**] [116:1:1] (decode) [**] [Priority: 3]")
"""
CONTENT = 'alert tcp any any -> any any (msg:"x"; content:"|0b ed 48 a0 00 00 00 02|"; sid:5;)\n'


@pytest.fixture(params=[Snort2, Snort3])
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Snort:
    path = tmp_path / "bin" / "snort"
    path.parent.mkdir()
    path.write_text(STAND_IN.format(python=sys.executable, major=request.param.major))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=":")
    made: _Snort = request.param()
    return made


def test_its_alerts(engine: _Snort, tmp_path: Path) -> None:
    rules = tmp_path / "test.rules"
    rules.write_text(CONTENT)
    found = list(engine.run([CRAFTED / "netinfo-tcp.pcap", CRAFTED / "nibind-tcp.pcap"], rules, Checksums.NONE))
    assert [dict(each.counts) for each in found] == [{5: 29}, {}]
    assert [each.failure for each in found] == [None, None]


def test_a_broken_rule(engine: _Snort, tmp_path: Path) -> None:
    rules = tmp_path / "test.rules"
    rules.write_text(CONTENT + CONTENT.replace("content", "nothing"))
    with pytest.raises(UnloadedRulesError, match="line 2: Unknown rule option: 'nothing'"):
        list(engine.run([CRAFTED / "netinfo-tcp.pcap"], rules, Checksums.ALL))


def test_the_other_snort_is_not_the_engine(engine: _Snort) -> None:
    other = Snort3 if isinstance(engine, Snort2) else Snort2
    with pytest.raises(EngineMissingError, match="is version"):
        other()
