"""netinfo.uts, the campaign of tests as Scapy's own layers have one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

CAMPAIGN = Path(__file__).with_name("netinfo.uts")


def test_every_test_of_the_campaign_passes(tmp_path: Path) -> None:
    written = len(re.findall(r"^= ", CAMPAIGN.read_text(), re.MULTILINE))
    done = subprocess.run(
        [sys.executable, "-m", "scapy.tools.UTscapy", "-f", "text", "-t", str(CAMPAIGN)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "HOME": str(tmp_path), "NO_COLOR": "1"},
        cwd=tmp_path,
    )
    # What failed comes with its code and its traceback; the rest of the report is left out.
    failed = re.findall(r"^###\(\d+\)=\[failed\].*?(?=^###\()", f"{done.stdout}###(", re.MULTILINE | re.DOTALL)
    assert not failed, "\n".join(failed)
    assert f"PASSED={written} FAILED=0" in done.stdout, done.stdout[-3000:] + done.stderr
    assert done.returncode == 0
    assert written >= 30
