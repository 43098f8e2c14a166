"""The examples in a page of docs/, and what they print: ```console for a shell, ```pycon for Python.

In both, `...` in what is printed stands for anything. A port 9610 is replaced by one that is free.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_END = "--- the end of a command ---"
_PORT = "9610"
_OF_ROOT = r"^Running as user .*This could be dangerous\.\n"
"""What tshark says to root only."""
_SAME = doctest.OutputChecker()


class Command(NamedTuple):
    """A command as it is typed, over several lines maybe, and what it prints."""

    typed: str
    printed: str


def pages(kind: str) -> list[Path]:
    """The pages that have examples of a kind."""
    return sorted(page for page in DOCS.rglob("*.md") if blocks(page, kind))


def blocks(page: Path, kind: str) -> list[str]:
    """What stands in a page's blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def commands(session: str) -> list[Command]:
    """The commands of a block, and what each prints."""
    found = []
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        count = next((at for at, line in enumerate(lines[1:], 1) if not line.startswith("> ")), len(lines))
        found.append(Command("".join(line.removeprefix("> ") for line in lines[:count]), "".join(lines[count:])))
    return found


_ELSEWHERE = re.compile(
    r"://|192\.0\.2\.|--follow|--scheduler| (serve|shell|verify|sniff|listening|probe) |parquet|CAPTURE"
)
"""What needs a server, an interface, a terminal or an extra, or stands for something else."""


def lines(page: Path) -> list[list[str]]:
    """The commands of a page's other blocks that can be run here, up to a pipe, as words."""
    found = []
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            typed = re.match(r"(?:\.venv/bin/)?netinfo-scapy ([^|>#]*)", line)
            if typed and not _ELSEWHERE.search(f"{line} "):
                found.append(shlex.split(typed[1]))
    return found


_FILES = (".yaml", ".pcap", ".pcapng", ".rules", ".nidump", ".json")


def of_the_reader(words: list[str]) -> bool:
    """Whether a command reads a file that a reader would have to have: none of the project's, nor made before."""
    read = [word for before, word in pairwise(["", *words]) if before != "-o"]
    return any(word.endswith(_FILES) and not word.startswith("pcaps/") and not Path(word).exists() for word in read)


def same(expected: str, printed: str) -> bool:
    """Whether that is what the page says, `...` being anything."""
    return _SAME.check_output(expected, printed, doctest.ELLIPSIS)


def furnish(folder: Path) -> None:
    """Put into a folder what the examples expect where they run."""
    for name in ("pcaps", "docs", "LICENSE"):
        (folder / name).symlink_to(ROOT / name)


def run(session: list[Command], folder: Path) -> list[str]:
    """Type the commands of a block into one shell; gives what each printed, on standard error too."""
    port = str(free_port())
    script = "".join(f"{each.typed.replace(_PORT, port)}\necho '{_END}'\n" for each in session)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "88",
        "HOME": str(folder),
    }
    done = subprocess.run(
        ["bash", "-c", f"trap 'kill $(jobs -p) 2> /dev/null' EXIT\n{script}"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    printed = re.sub(_OF_ROOT, "", done.stdout.decode(), flags=re.MULTILINE)
    return [each.replace(port, _PORT) for each in printed.split(f"{_END}\n")[:-1]]


def check_python(page: Path, folder: Path) -> str:
    """Run the Python examples of a page in a Python of their own; gives what went wrong, nothing if all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.guide", str(page)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout + done.stderr


def _main(page: Path) -> None:
    text = "".join(blocks(page, "pycon")).replace(_PORT, str(free_port()))
    examples = doctest.DocTestParser().get_doctest(text, {"__name__": "__main__"}, page.name, str(page), 0)
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL).run(examples)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
