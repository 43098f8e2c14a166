"""The script of a rule that puts record fragments together. It runs in Suricata 7 and 8 alike.

Both hand over the stream as `args.stream`: 7 wants `"true"` where 8 takes any true value. Nothing else of either
release's interface is used, and nothing that the sandbox of 8 forbids; the work is bounded by the length of the stream.
"""

from __future__ import annotations

from netinfo_scapy.craft.rules.rule import Lua, Rule

_SCRIPT = """\
-- sid %(sid)d: %(message)s
-- Made by netinfo-scapy; Suricata 7 or later, with security.lua.allow-rules.
local PROGRAM, VERSION = %(program)d, %(version)d
local PROCEDURES = {%(procedures)s}
local SMALL = %(small)s
local HEADER = 24
local MOST_MARKS = 4096

function init(args)
    return {stream = "true"}
end

local function word(data, at)
    local a, b, c, d = string.byte(data, at, at + 3)
    return ((a * 256 + b) * 256 + c) * 256 + d
end

local function wanted(head, small)
    if #head < HEADER or word(head, 5) ~= 0 or word(head, 9) ~= 2 then return false end
    if word(head, 13) ~= PROGRAM or word(head, 17) ~= VERSION then return false end
    if SMALL and not small then return false end
    return next(PROCEDURES) == nil or PROCEDURES[word(head, 21)] == true
end

function match(args)
    local data = args.stream
    if data == nil then return 0 end
    local at, head, small, marks = 1, "", false, 0
    while at + 3 <= #data and marks < MOST_MARKS do
        local mark = word(data, at)
        local last = mark >= 2147483648
        local size = last and mark - 2147483648 or mark
        marks = marks + 1
        at = at + 4
        if SMALL and not last and size < SMALL then small = true end
        if #head < HEADER and size > 0 then
            head = head .. string.sub(data, at, math.min(at + size, at + HEADER - #head) - 1)
        end
        if #head >= HEADER and wanted(head, small) then return 1 end
        at = at + size
        if last then head, small = "", false end
    end
    return 0
end
"""


def script_name(rule: Rule) -> str:
    """The file beside the rules in which a rule's script is."""
    return f"netinfo-{rule.sid}.lua"


def script_of(rule: Rule) -> str | None:
    """A rule's script, if it has one."""
    for each in rule.match:
        if isinstance(each, Lua):
            return _SCRIPT % {
                "sid": rule.sid,
                "message": rule.message,
                "program": each.program,
                "version": each.version,
                "procedures": ", ".join(f"[{number}] = true" for number in each.procedures),
                "small": "nil" if each.small is None else each.small,
            }
    return None
