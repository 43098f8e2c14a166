-- The script's part in Wireshark: a post-dissector, which sees every frame once Wireshark's own dissectors are done.
local MOST_LINES = 20 -- of the messages in a frame, in the info column

local names = {}
for _, row in ipairs(tables.protocols) do
  names[row.prefix] = row.name
end

local post = Proto("netinfo_post", "NetInfo and nibind, after all other dissectors")

function post.dissector(_, pinfo, tree)
  local here, late = packets.frame(pinfo)
  local said, protocol = {}, nil
  local function column(line, prefix)
    if line and prefix and #said < MOST_LINES then
      said[#said + 1] = line
      protocol = protocol or names[prefix]
    end
  end
  if here then
    for _, shown in ipairs(here.messages) do
      column(show.show(tree, shown, not shown.data and packets.source_of(shown) or nil, false))
    end
    for _, record in ipairs(here.parts) do
      if record.shown and record.shown.placed and record.frame ~= pinfo.number then
        local line, prefix = show.show_part(tree, record)
        if #said == 0 then
          column(line, prefix)
        end
      end
    end
  end
  for _, shown in ipairs(late) do
    column(show.show(tree, shown, nil, true))
  end
  if protocol then
    pinfo.cols.protocol = protocol
    pinfo.cols.info:clear_fence()
    pinfo.cols.info = words.cut(table.concat(said, " | "), show.MOST_INFO)
  end
end

local netinfo = fields.protocols.netinfo

-- "Decode As" only says that a port is NetInfo's.
function netinfo.dissector(tvb)
  packets.claim()
  return tvb:len()
end

function netinfo.prefs_changed()
  interest.give(fields.preferences.ports)
end

function netinfo.init()
  found.forget_all()
  connections.forget_all()
  interest.give(fields.preferences.ports)
end

DissectorTable.get("tcp.port"):add_for_decode_as(netinfo)
DissectorTable.get("udp.port"):add_for_decode_as(netinfo)
register_postdissector(post)
