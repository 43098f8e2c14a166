-- Frames -> what is shown in each. A frame is worked on once, when it is first seen with its fields; what was found
-- in it is kept under its number, so that Wireshark may show frames again in any order.
--
-- The fields of Wireshark's UDP and TCP dissectors say where the headers stand; the rest is read from the bytes. So it
-- makes no difference which dissector takes the ports for its own.
local u32 = words.u32

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

local MOST_HELD = 16384
local MOST_OF_OTHERS = 16 -- messages of a connection that are read before it counts as another program's

local frames, connections = {}, {}
local done = {} -- frame -> its time, once it is worked on
local held, held_count = {}, 0 -- messages at endpoints that may be learned yet
local claimed = false -- the frame is decoded as NetInfo by the user's wish

local function forget_all()
  frames, connections, done = {}, {}, {}
  held, held_count = {}, 0
  interest.forget_all()
  pairing.forget_all()
end

-- What is shown in a frame.
local function at_frame(number)
  local found = frames[number]
  if not found then
    found = { messages = {}, parts = {} }
    frames[number] = found
  end
  return found
end

local function u16(data, at)
  local high, low = string.byte(data, at + 1, at + 2)
  return high * 256 + low
end

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

-- Whether an address is a multicast one, or looks like a broadcast one.
local function is_of_many(address)
  local first, last = string.byte(address, 1), string.byte(address, -1)
  if #address == 16 then
    return first == 0xFF
  end
  return #address == 4 and (last == 0xFF or first >= 0xE0 and first <= 0xEF)
end

-- Put a message where it is shown.
local function place_message(shown)
  if not shown.placed then
    shown.placed = true
    local list = at_frame(shown.frame).messages
    list[#list + 1] = shown
  end
end

-- Keep a message that nothing selects yet.
local function hold(shown, ...)
  if held_count < MOST_HELD then
    held_count = held_count + 1
    for _, key in ipairs({ ... }) do
      local list = held[key] or {}
      held[key] = list
      list[#list + 1] = shown
    end
  end
end

interest.listen(function(key)
  for _, shown in ipairs(held[key] or {}) do
    place_message(shown)
  end
  held[key] = nil
end)

-- A message was found: pair it, decide whether it is shown, and put it where it belongs.
-- flow: transport, source, target and their ports; conversation: the TCP stream.
local function take(flow, record)
  local m = message.read_header(record.data, record.whole)
  local asks, server, server_port
  local client, client_port = flow.source, flow.source_port
  local other, other_port = flow.target, flow.target_port
  if not m.is_call then
    client, client_port, other, other_port = other, other_port, client, client_port
  end
  if flow.transport == "tcp" then
    asks, server = "tcp" .. flow.stream .. (m.is_call == flow.forward and ">" or "<"), ""
  else
    asks = interest.endpoint("udp", client, client_port)
    server, server_port = interest.endpoint("udp", other, other_port), other_port
  end
  local now = done[record.frame]
  local shown = {
    frame = record.frame,
    time = now,
    header = record.header,
    place = record.place,
    size = #record.data,
    whole = record.whole,
    fragments = record.fragments,
    parts = record.parts,
    frames = record.frames,
    tcp = flow.transport == "tcp",
    found = {},
  }
  if not shown.place then
    shown.data = record.data
  end
  if not record.whole then
    shown.found["incomplete-record"] = true
  end
  if record.conflict then
    shown.found["overlap-conflict"] = true
  end
  local selected = interest.selects(flow.transport, client, client_port, other, other_port)
  if m.is_call then
    message.read_body(m)
    local forwards = m.row and m.row.forwards
    local entry = {
      frame = record.frame,
      time = now,
      program = m.program,
      version = m.version,
      procedure = m.procedure,
      known = m.known,
      row = m.row,
      inner = m.inner and { program = m.inner.program, version = m.inner.version, procedure = m.inner.procedure,
                            known = m.inner.known, row = m.inner.row },
      protected = m.protected,
      forwards = forwards,
      server_port = server_port,
      summary = show.summary(m),
      asked = { program = xdr.value(m.body, "program"), protocol = xdr.value(m.body, "protocol"),
                netid = xdr.value(m.body, "netid") },
    }
    if m.whole and tables.prefixes[m.program] and xdr.value(m.header, "rpc_version") == 2 then
      interest.learn(flow.transport, other, other_port)
      selected = true
    end
    shown.entry = entry
    entry.selected = selected or forwards
    if m.whole and record.whole then
      local anywhere = flow.transport == "udp" and (forwards or is_of_many(flow.target))
      shown.first = pairing.call(asks, server, m.xid, entry, flow.transport == "udp" and record.data or nil, anywhere)
    end
    selected = entry.selected
  else
    local call = m.whole and pairing.find(asks, server, server_port, m.xid, now)
    if call then
      shown.call = call
      selected = selected or call.selected
      if record.whole then
        if pairing.answer(call, record.frame, now) then
          shown.found["duplicate-reply"] = true
        end
        message.read_body(m, call)
        interest.learn_from_answer(flow.source, call, m)
      end
    else
      shown.found["reply-without-call"] = true
    end
  end
  local program = m.program or shown.call and shown.call.program
  shown.prefix = program and tables.prefixes[program]
  if not shown.prefix then
    shown.prefix = (flow.source_port == 111 or flow.target_port == 111) and "ni_portmap" or "netinfo"
  end
  record.shown = shown
  if not selected then
    hold(shown, interest.endpoint(flow.transport, client, client_port),
      interest.endpoint(flow.transport, other, other_port))
    return nil
  end
  place_message(shown)
  return shown
end

-- UDP

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
  take(flow, {
    data = data,
    frame = pinfo.number,
    header = index,
    place = from,
    whole = true, -- a datagram cut in the capture ends too soon, and is called so
    fragments = 1,
    parts = 1,
    frames = { pinfo.number },
  })
end

-- TCP

-- The first bytes of a connection that nobody asked for: read on if they are a record mark and an RPC header; else the
-- connection is none of ours.
local Trial = {}
Trial.__index = Trial

local function trial(connection, direction, make)
  return setmetatable({ connection = connection, direction = direction, make = make, chunks = {}, data = "",
                        mark = "" }, Trial)
end

function Trial:verdict()
  local data = self.data
  if #data >= 4 and u32(data, 0) % 2147483648 > 1048576 then
    return false
  elseif #data < 12 then
    return nil
  elseif u32(data, 8) > 1 then
    return false
  elseif #data < 16 then
    return nil
  elseif u32(data, 8) == 1 then
    return u32(data, 12) <= 1
  end
  return u32(data, 12) == 2
end

function Trial:feed(data, frame, place, out)
  self.chunks[#self.chunks + 1] = { data, frame, place }
  self.data = string.sub(self.data .. data, 1, 16)
  local verdict = self:verdict()
  if verdict == false then
    self.connection.ignored = true
  elseif verdict then
    self.direction.reader = self.make(true)
    for _, each in ipairs(self.chunks) do
      self.direction.reader:feed(each[1], each[2], each[3], out)
    end
  end
end

function Trial:gap()
  self.connection.ignored = true
end

function Trial.close() end

local function part_of(frame, record)
  local parts = at_frame(frame).parts
  parts[#parts + 1] = record
end

local function connection_of(stream, wanted)
  local connection = connections[stream]
  if not connection then
    connection = {}
    connections[stream] = connection
  end
  connection.wanted = connection.wanted or wanted
  return connection
end

local function direction_of(connection, key)
  local direction = connection[key]
  if not direction then
    direction = streams.new(function(anchored)
      local function make(certain)
        return records.new(certain, part_of)
      end
      if connection.wanted or not anchored then
        return make(anchored)
      end
      return trial(connection, connection[key], make)
    end)
    connection[key] = direction
  end
  return direction
end

local function segment(pinfo, header, size, stream, index)
  local source = header.source
  local at = header.offset
  if source:len() < at + 20 then
    return {}
  end
  local head = source:range(at, 20):raw()
  local from = at + math.floor(string.byte(head, 13) / 16) * 4
  local stop = math.min(from + size, source:len())
  local data = stop > from and source:range(from, stop - from):raw() or ""
  local flags, sequence = string.byte(head, 14), u32(head, 4)
  local flow = { transport = "tcp", stream = stream, source_port = u16(head, 0), target_port = u16(head, 2) }
  flow.source, flow.target = addresses()
  local known = connections[stream]
  if known and known.ignored then
    return {}
  end
  local wanted = claimed
    or interest.wants("tcp", flow.source, flow.source_port, flow.target, flow.target_port)
    or message.is_known_call(data, 4) and u32(data, 0) % 2147483648 >= 40
  -- In the middle of a connection that nobody asked for, a segment may begin with a whole header.
  if not wanted and not known and not streams.has(flags, streams.SYN) and not records.plausible(data, 0) then
    return {}
  end
  if claimed then
    interest.learn("tcp", flow.target, flow.target_port)
  end
  local connection = connection_of(stream, wanted)
  local mine = flow.source .. flow.source_port
  connection.first = connection.first or mine
  flow.forward = connection.first == mine
  local out, back = {}, {}
  local key, other = flow.forward and "a" or "b", flow.forward and "b" or "a"
  local peer = connection[other]
  if peer and peer.next and streams.has(flags, streams.ACK) then
    -- First, for what it brings may answer a call that waited for this.
    peer:acknowledged(u32(head, 8), back)
  end
  direction_of(connection, key):segment(pinfo.number, sequence, flags, data, from, out)
  if peer and peer.next and streams.has(flags, streams.RST) then
    peer:finish(back)
  end
  local reverse = { transport = "tcp", stream = stream, source = flow.target, source_port = flow.target_port,
                    target = flow.source, target_port = flow.source_port, forward = not flow.forward }
  local late = {}
  for which, list in ipairs({ back, out }) do
    for _, record in ipairs(list) do
      if record.sound then
        record.header = index
        if record.frame ~= pinfo.number then
          record.place = nil
        end
        local shown = take(which == 1 and reverse or flow, record)
        if shown and record.frame ~= pinfo.number then
          late[#late + 1] = shown
        end
        connection.wanted = connection.wanted or shown ~= nil
        connection.others = (connection.others or 0) + 1
        connection.ignored = not connection.wanted and connection.others >= MOST_OF_OTHERS
      end
      record.data, record.place = nil, nil
    end
  end
  return late
end

-- The fields of a frame, once: headers of UDP and TCP that ICMP does not quote.
local function headers(fields)
  local found = {}
  local quoting = field.icmp() or field.icmp6()
  for index, each in ipairs({ fields() }) do
    if not quoting or each.offset < quoting.offset then
      found[#found + 1] = { index = index, offset = each.offset, source = each.source }
    end
  end
  return found
end

-- The value of a field that belongs to a header: the first that stands in it.
local function of_header(fields, header)
  for _, each in ipairs({ fields() }) do
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
  if not done[number] then
    for _, each in ipairs(headers(field.udp)) do
      done[number] = pinfo.rel_ts
      local size = of_header(field.udp_length, each)
      if size then
        datagram(pinfo, each, size, each.index)
      end
    end
    for _, each in ipairs(headers(field.tcp)) do
      done[number] = pinfo.rel_ts
      local size, stream = of_header(field.tcp_length, each), of_header(field.tcp_stream, each)
      if size and stream then
        for _, shown in ipairs(segment(pinfo, each, size, stream, each.index)) do
          late[#late + 1] = shown
        end
      end
    end
  end
  claimed = false
  return frames[number], late
end

local function claim()
  claimed = true
end

return { forget_all = forget_all, frame = frame, claim = claim, source_of = source_of }
