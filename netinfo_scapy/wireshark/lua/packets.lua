-- Frames -> what is shown in each. A frame is worked on once, when it is first seen with its fields.
--
-- The fields of Wireshark's UDP and TCP dissectors say where the headers stand; the rest is read from the bytes. So it
-- makes no difference which dissector takes the ports for its own.
local u32, u16 = words.u32, words.u16

local field = {
  udp = Field.new("udp.srcport"),
  udp_length = Field.new("udp.length"),
  tcp = Field.new("tcp.srcport"),
  tcp_length = Field.new("tcp.len"),
  tcp_stream = Field.new("tcp.stream"),
  ip = Field.new("ip.src"),
  ip_target = Field.new("ip.dst"),
  ip6 = Field.new("ipv6.src"),
  ip6_target = Field.new("ipv6.dst"),
  icmp = Field.new("icmp.type"),
  icmp6 = Field.new("icmpv6.type"),
}

local STILL_CAPTURING = 5 -- seconds; frames that are older come from a file, or the capture rests

local latest = 0 -- time of the latest frame
local claimed = false -- the frame is decoded as NetInfo by the user's wish

-- The innermost addresses of a frame, as bytes.
local function addresses()
  local four, six = { field.ip() }, { field.ip6() }
  local last4, last6 = four[#four], six[#six]
  if last4 and (not last6 or last4.offset > last6.offset) then
    local targets = { field.ip_target() }
    return last4.range:raw(), targets[#targets].range:raw()
  elseif last6 then
    local targets = { field.ip6_target() }
    return last6.range:raw(), targets[#targets].range:raw()
  end
  return "", ""
end

local function datagram(pinfo, header, size, index)
  local source = header.source
  local from = header.offset + 8
  local stop = math.min(header.offset + size, source:len())
  if stop - from < 8 then
    return
  end
  -- Most traffic is told apart by its first bytes.
  local head = source:range(from, 8):raw()
  if u32(head, 4) > 1 then
    return
  end
  local data = source:range(from, stop - from):raw()
  local ports = source:range(header.offset, 4):raw()
  local flow = { transport = "udp", source_port = u16(ports, 0), target_port = u16(ports, 2) }
  flow.source, flow.target = addresses()
  if claimed then
    interest.learn("udp", flow.target, flow.target_port)
  end
  found.take(flow, {
    data = data,
    frame = pinfo.number,
    header = index,
    place = from,
    whole = stop == header.offset + size,
    fragments = 1,
    parts = 1,
    frames = { pinfo.number },
  })
end

local function segment(pinfo, header, size, stream, index)
  local source, at = header.source, header.offset
  if source:len() < at + 20 then
    return {}
  end
  local head = source:range(at, 20):raw()
  local from = at + math.floor(string.byte(head, 13) / 16) * 4
  local stop = math.min(from + size, source:len())
  local data = stop > from and source:range(from, stop - from):raw() or ""
  local flow = { transport = "tcp", stream = stream, source_port = u16(head, 0), target_port = u16(head, 2) }
  flow.source, flow.target = addresses()
  return connections.segment(flow, pinfo.number, index, head, data, from, claimed)
end

-- The fields of a frame, once: headers of UDP and TCP that ICMP does not quote.
local function headers(of_each)
  local listed = {}
  local quoting = field.icmp() or field.icmp6()
  for index, each in ipairs({ of_each() }) do
    if not quoting or each.offset < quoting.offset then
      listed[#listed + 1] = { index = index, offset = each.offset, source = each.source }
    end
  end
  return listed
end

-- The value of a field that belongs to a header: the first that stands in it.
local function of_header(of_each, header)
  for _, each in ipairs({ of_each() }) do
    if each.offset >= header.offset and each.offset < header.offset + 20 then
      return each.value
    end
  end
  return nil
end

-- The tops of the UDP or TCP headers of a frame, for what is shown in place.
local function source_of(shown)
  for _, each in ipairs(headers(shown.tcp and field.tcp or field.udp)) do
    if each.index == shown.header then
      return each.source
    end
  end
  return nil
end

-- Work on a frame. Gives what is shown in it (nil for nothing), and of earlier frames what was only now understood.
local function frame(pinfo)
  local number = pinfo.number
  local late = {}
  if found.is_known(number) then
    if pinfo.visited and math.abs(os.time() - latest) > STILL_CAPTURING then
      connections.conclude()
    end
  else
    latest = pinfo.abs_ts
    for _, each in ipairs(headers(field.udp)) do
      found.begin(number, pinfo.rel_ts)
      local size = of_header(field.udp_length, each)
      if size then
        datagram(pinfo, each, size, each.index)
      end
    end
    for _, each in ipairs(headers(field.tcp)) do
      found.begin(number, pinfo.rel_ts)
      local size, stream = of_header(field.tcp_length, each), of_header(field.tcp_stream, each)
      if size and stream then
        for _, shown in ipairs(segment(pinfo, each, size, stream, each.index)) do
          late[#late + 1] = shown
        end
      end
    end
  end
  claimed = false
  return found.shown_in(number), late
end

-- The frame that is being dissected is NetInfo's, because the user says so.
local function claim()
  claimed = true
end

return { frame = frame, claim = claim, source_of = source_of }
