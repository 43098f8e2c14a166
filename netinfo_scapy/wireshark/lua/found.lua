-- Messages -> what is shown in each frame. It is kept under the frame's number, so that Wireshark may show frames again
-- in any order. A message that nothing selects yet waits, as far as there is room, for its endpoint to be learned.
local MOST_HELD = 16384

local frames = {}
local times = {} -- frame -> its time, once it is worked on
local held, held_count = {}, 0

local function forget_all()
  frames, times = {}, {}
  held, held_count = {}, 0
  interest.forget_all()
  pairing.forget_all()
end

-- Note that a frame is worked on, and its time in seconds.
local function begin(number, time)
  times[number] = time
end

local function is_known(number)
  return times[number] ~= nil
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
-- flow: transport, source, target and their ports; on TCP the stream, and whether it goes forward. record: its bytes,
-- its frames, and of a record in one frame the place there. Gives what is shown, or nil.
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
  local now = times[record.frame]
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
      summary = lines.of_call(m),
      asked = { program = xdr.value(m.body, "program"), protocol = xdr.value(m.body, "protocol"),
                netid = xdr.value(m.body, "netid") },
    }
    if m.whole and tables.prefixes[m.program] and xdr.value(m.header, "rpc_version") == 2 then
      interest.learn(flow.transport, other, other_port)
      selected = selected or other_port > 0
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

-- A frame brings bytes of a record.
local function part_of(number, record)
  local parts = at_frame(number).parts
  parts[#parts + 1] = record
end

-- What is shown in a frame, or nil.
local function shown_in(number)
  return frames[number]
end

return {
  forget_all = forget_all,
  begin = begin,
  is_known = is_known,
  take = take,
  part_of = part_of,
  shown_in = shown_in,
}
