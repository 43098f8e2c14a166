-- TCP segments -> messages: which connections are read, in which direction a segment goes.
local u32, u16 = words.u32, words.u16

local MOST_OF_OTHERS = 16 -- messages of a connection that are read before it counts as another program's

local connections = {}
local unfinished = false -- segments came since the holes were given up last

local function forget_all()
  connections = {}
end

-- The first bytes of a connection that nobody asked for: read on if they are a record mark and an RPC header; else the
-- connection is none of ours.
local Trial = {}
Trial.__index = Trial

local function trial(connection, direction, make)
  return setmetatable({ connection = connection, direction = direction, make = make, chunks = {}, data = "" }, Trial)
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

function Trial.in_progress()
  return nil
end

function Trial.close() end

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
        return records.new(certain, found.part_of)
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

-- The directions of a connection that a segment is about: its own, and that of its peer.
local function directions_of(connection, mine)
  connection.first = connection.first or mine
  local forward = connection.first == mine
  return forward, forward and "a" or "b", forward and "b" or "a"
end

local function turned(flow)
  return { transport = "tcp", stream = flow.stream, source = flow.target, source_port = flow.target_port,
           target = flow.source, target_port = flow.source_port, forward = not flow.forward }
end

-- Hand on the messages among records. number: the frame worked on; header: which of its TCP headers. Those that belong
-- to earlier frames are put into `late`.
local function take_all(connection, flow, records_found, number, header, late)
  for _, record in ipairs(records_found) do
    if record.sound then
      record.header = header
      if record.frame ~= number then
        record.place = nil
      end
      local shown = found.take(flow, record)
      if shown and record.frame ~= number then
        late[#late + 1] = shown
      end
      connection.wanted = connection.wanted or shown ~= nil
      connection.others = (connection.others or 0) + 1
      connection.ignored = not connection.wanted and connection.others >= MOST_OF_OTHERS
    end
    record.data, record.place = nil, nil
  end
end

-- Take a segment. flow: as in found.take. head: its header's first 20 bytes; data: its bytes, which stand at `place`.
-- claimed: the user decodes it as NetInfo. Gives the messages of earlier frames that were only now understood.
local function segment(flow, number, header, head, data, place, claimed)
  local flags, sequence = string.byte(head, 14), u32(head, 4)
  local known = connections[flow.stream]
  if known and known.ignored then
    return {}
  end
  local wanted = claimed
    or interest.wants("tcp", flow.source, flow.source_port, flow.target, flow.target_port)
    or message.is_known_call(data, 4) and u32(data, 0) % 2147483648 >= 40
  -- In the middle of a connection that nobody asked for, a segment may begin with a whole header.
  if not wanted and not known and not streams.has(flags, streams.SYN) and not plausible.record(data, 0) then
    return {}
  end
  if claimed then
    interest.learn("tcp", flow.target, flow.target_port)
  end
  unfinished = true
  local connection = connection_of(flow.stream, wanted)
  local own, others
  flow.forward, own, others = directions_of(connection, flow.source .. flow.source_port)
  connection.flows = connection.flows or {}
  connection.flows[own] = flow
  local out, back, late = {}, {}, {}
  local peer = connection[others]
  if peer and peer.next and streams.has(flags, streams.ACK) then
    -- First, for what it brings may answer a call that waited for this.
    peer:acknowledged(u32(head, 8), back)
  end
  direction_of(connection, own):segment(number, sequence, flags, data, place, out)
  if peer and peer.next and streams.has(flags, streams.RST) then
    peer:finish(back)
  end
  take_all(connection, turned(flow), back, number, header, late)
  take_all(connection, flow, out, number, header, late)
  return late
end

-- All frames have been seen: give up what holes there are.
local function conclude()
  if not unfinished then
    return
  end
  unfinished = false
  for _, connection in pairs(connections) do
    for _, own in ipairs({ "a", "b" }) do
      local direction, out = connection[own], {}
      if direction and direction.waiting[1] and not connection.ignored then
        direction:give_up_all(out)
        take_all(connection, connection.flows[own], out, nil, nil, {})
      end
    end
  end
end

return { forget_all = forget_all, segment = segment, conclude = conclude }
