"""The captures for benchmarks: the same again, and what they hold is what is said of them."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

import netinfo_scapy
from benchmarks.agreement import differences
from benchmarks.captures import pcap, store
from benchmarks.captures.expected import Expected
from netinfo_scapy.protocol.netinfo import NETINFO
from netinfo_scapy.protocol.programs import procedure_name
from netinfo_scapy.witness.tshark import LOOKS
from tests.support.captures import parse_pcap

SIZES = {"dense": 4_000, "tcp": 5_000, "mixed": 20_000, "halfopen": 1_000}
RPC = sorted(set(SIZES) - {"halfopen"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, store.Made]:
    folder = tmp_path_factory.mktemp("benchmarks")
    return {name: store.make(name, packets, folder / f"{name}.pcap") for name, packets in SIZES.items()}


@pytest.mark.parametrize("name", SIZES)
def test_same_bytes_again(name: str, made: dict[str, store.Made], tmp_path: Path) -> None:
    again = store.make(name, SIZES[name], tmp_path / "again.pcap")
    assert again.path.read_bytes() == made[name].path.read_bytes()
    assert again.report == made[name].report


@pytest.mark.parametrize("name", SIZES)
def test_our_counts_are_those_of_the_generator(name: str, made: dict[str, store.Made]) -> None:
    assert made[name].report["totals"]["frames"] == SIZES[name]
    assert differences(netinfo_scapy.analyze(made[name].path), made[name].report) == []


@pytest.mark.parametrize("packets", [*range(100, 105), 2_401])
@pytest.mark.parametrize("name", ["dense", "tcp"])
def test_any_number_of_packets(name: str, packets: int, tmp_path: Path) -> None:
    made = store.make(name, packets, tmp_path / "some.pcap")
    assert made.report["totals"]["frames"] == packets
    assert differences(netinfo_scapy.analyze(made.path), made.report) == []


@pytest.mark.parametrize("name", SIZES)
def test_frames_come_in_order_of_time(name: str) -> None:
    times = [time for time, _ in store.KINDS[name].generator(SIZES[name], Expected())]
    assert times == sorted(times)


def test_disorder_and_losses_are_there(made: dict[str, store.Made]) -> None:
    """Else equal counts would say little."""
    dense, tcp = made["dense"].report["totals"], made["tcp"].report["totals"]
    assert min(dense[key] for key in ("retransmissions", "duplicate_replies", "calls_without_reply")) > 0
    assert tcp["calls_without_reply"] > 0
    shown = asked_of_tshark(made["tcp"].path, "tcp.analysis.out_of_order || tcp.analysis.retransmission")
    assert len(shown) > SIZES["tcp"] // 200


def asked_of_tshark(path: Path, wanted: str, *options: str) -> list[str]:
    preferences = {
        **LOOKS[0].preferences,
        # As the witness asks: a client's port must not decide what a message is.
        "rpc.dissect_unknown_programs": "TRUE",
        "tcp.try_heuristic_first": "TRUE",
        "udp.try_heuristic_first": "TRUE",
        "ip.check_checksum": "TRUE",
        "tcp.check_checksum": "TRUE",
        "udp.check_checksum": "TRUE",
    }
    command = ["tshark", "-r", str(path), "-Y", wanted, *options]
    command += [part for name, value in preferences.items() for part in ("-o", f"{name}:{value}")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.mark.parametrize("name", SIZES)
def test_tshark_finds_no_wrong_checksum(name: str, made: dict[str, store.Made], tshark: str) -> None:
    wrong = " || ".join(f"{protocol}.checksum.status == 0" for protocol in ("ip", "tcp", "udp"))
    right = "ip.checksum.status == 1 && (tcp.checksum.status == 1 || udp.checksum.status == 1)"
    assert asked_of_tshark(made[name].path, wrong) == []
    assert len(asked_of_tshark(made[name].path, right)) == SIZES[name]


@pytest.mark.parametrize("name", RPC)
def test_tshark_finds_nothing_malformed(name: str, made: dict[str, store.Made], tshark: str) -> None:
    # What comes from 853 it takes for DNS.
    assert asked_of_tshark(made[name].path, "_ws.malformed && !(udp.port == 853)") == []


@pytest.mark.parametrize("name", RPC)
def test_tshark_counts_the_same_messages(name: str, made: dict[str, store.Made], tshark: str) -> None:
    fields = [part for field in ("msgtyp", "program", "procedure") for part in ("-e", f"rpc.{field}")]
    found: Counter[tuple[str, str]] = Counter()
    for line in asked_of_tshark(made[name].path, f"rpc.program == {NETINFO.number}", "-T", "fields", *fields):
        kinds, programs, procedures = (field.split(",") for field in line.split("\t"))
        # The procedure of a program that it does not know stands there twice.
        for kind, program, procedure in zip(kinds, programs, procedures[::2], strict=True):
            found[procedure_name(int(program), NETINFO.version, int(procedure)), kind] += 1
    expected = {
        (procedure, kind): counts[key]
        for procedure, counts in made[name].report["procedures"].items()
        for kind, key in (("0", "calls"), ("1", "replies"))
    }
    assert found == +Counter(expected)


def test_a_capture_is_made_only_where_it_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "dense.pcap"
    first = store.make("dense", 200, path)
    path.write_bytes(b"as it was")
    assert store.make("dense", 200, path) == first
    assert path.read_bytes() == b"as it was"
    assert store.make("dense", 300, path).report["totals"]["frames"] == 300


def test_parts_hold_the_whole(made: dict[str, store.Made]) -> None:
    dense = made["dense"]
    parts = [parse_pcap(part.read_bytes()) for part in store.cut(dense, 8)]
    assert [frame for part in parts for frame in part] == parse_pcap(dense.path.read_bytes())
    assert {len(part) for part in parts} == {500}
    assert parse_pcap(store.first(dense, 3).read_bytes()) == parts[0][:3]


@pytest.mark.parametrize("name", RPC)
def test_parts_count_as_the_whole(name: str, made: dict[str, store.Made]) -> None:
    parts = [str(part) for part in store.cut(made[name], 8)]
    assert differences(netinfo_scapy.analyze(parts), made[name].report) == []


def test_frames_and_their_bytes_are_counted(tmp_path: Path) -> None:
    frames = list(store.KINDS["dense"].generator(200, Expected()))
    assert pcap.write(tmp_path / "written.pcap", frames) == (200, sum(len(frame) for _, frame in frames))
