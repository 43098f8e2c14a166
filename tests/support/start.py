"""What the recorded servers held when a recording began, as the responder's objects; read with json alone."""

import json
from pathlib import Path

from netinfo_scapy.live.responder.store import Object
from tests.support.captures import RECORDED


def start_path(tag: str) -> Path:
    return RECORDED / "start" / f"{tag}.json"


def start_objects(tag: str) -> dict[int, Object]:
    found = json.loads(start_path(tag).read_text())
    return {
        each["object"]: Object(
            each["instance"],
            each["parent"],
            tuple(each["children"]),
            tuple(
                {"name": name.encode(), "values": [v.encode() for v in values]} for name, values in each["properties"]
            ),
        )
        for each in found["objects"]
    }
