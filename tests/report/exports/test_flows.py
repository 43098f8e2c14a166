"""What exports call a flow."""

import re

from netinfo_scapy.report.exports.flows import eve_flow_id, zeek_uid
from tests.support.captures import NAMES
from tests.support.compare import baseline


def test_one_name_for_each_flow() -> None:
    flows = {message["community_id"] for name in NAMES for message in baseline(name)}
    assert len({zeek_uid(flow) for flow in flows}) == len({eve_flow_id(flow) for flow in flows}) == len(flows) > 100


def test_they_look_as_their_readers_expect() -> None:
    community_id = "1:LQU9qZlK+B5F3KDmev6m5PMibrg="  # the specification's first example
    assert re.fullmatch(r"C[0-9A-Za-z]{17}", zeek_uid(community_id))
    assert 0 < eve_flow_id(community_id) < 1 << 53
