-- TCP segments -> the bytes of each direction in order (RFC 9293, 3.4), whatever Wireshark's own reassembly does:
-- sent again, overlapping, out of order, with sequence numbers that wrap, from the middle of a connection. Of bytes that
-- came twice the first count. A hole is waited for until the peer acknowledges bytes beyond it, until too much waits, or
-- until the capture is looked at again; then the record around it is incomplete, and reading goes on behind it.
local sub = string.sub

local MODULUS = 4294967296
local MOST_WAITING_BYTES, MOST_WAITING = 1048576, 4096
local MOST_COMPARED = 256 -- latest pieces that a repetition is compared with
local MOST_UNSETTLED = 16 -- records that the peer has not acknowledged
local FIN, SYN, RST, ACK = 1, 2, 4, 16

local function has(flags, bit)
  return math.floor(flags / bit) % 2 == 1
end

local Direction = {}
Direction.__index = Direction

-- make_reader: called with whether the connection's beginning is there.
local function new(make_reader)
  return setmetatable({ make_reader = make_reader, position = 0, waiting = {}, bytes = 0, latest = {}, count = 0,
    unsettled = {}, acked = 0 }, Direction)
end

-- How far a sequence number is from the next one that is expected.
function Direction:ahead(sequence)
  local distance = (sequence - self.next) % MODULUS
  return distance >= 2147483648 and distance - MODULUS or distance
end

function Direction:advance(size)
  self.position = self.position + size
  self.next = (self.next + size) % MODULUS
end

-- Bytes came again: whether they differ from those that came before between two positions. What the peer has
-- acknowledged, nothing can change.
function Direction:differs(position, data, start, stop)
  start = math.max(start, self.acked)
  for number = self.count, math.max(1, self.count - MOST_COMPARED + 1), -1 do
    local piece = self.latest[number % MOST_COMPARED]
    local from = math.max(position, piece.position, start)
    local till = math.min(position + #data, piece.position + #piece.data, stop)
    if from < till and sub(data, from - position + 1, till - position)
      ~= sub(piece.data, from - piece.position + 1, till - piece.position) then
      return true
    end
    if piece.position <= position then
      return false
    end
  end
  return false
end

-- Bytes came again: note where they differ from those that a record was read from, the one in progress or one that the
-- peer has not acknowledged.
function Direction:compare(position, data)
  local start = self.reader:in_progress()
  if start and self:differs(position, data, start, self.position) then
    self.reader.conflict = true
  end
  for _, record in ipairs(self.unsettled) do
    if self:differs(position, data, record.start, record.stop) then
      record.conflict = true
      if record.shown then
        record.shown.found["overlap-conflict"] = true
      end
    end
  end
end

function Direction:deliver(segment, out)
  local data, place = segment.data, segment.place
  local old = self.position - segment.position
  if old > 0 then
    self:compare(segment.position, sub(data, 1, old))
    data = sub(data, old + 1)
    place = place and place + old
  end
  if data == "" then
    return
  end
  self.count = self.count + 1
  self.latest[self.count % MOST_COMPARED] = { position = self.position, data = data }
  self:advance(#data)
  local before = #out
  self.reader:feed(data, segment.frame, place, out)
  for index = before + 1, #out do
    self.unsettled[#self.unsettled + 1] = out[index]
    if #self.unsettled > MOST_UNSETTLED then
      table.remove(self.unsettled, 1)
    end
  end
end

-- Deliver what waits and has no hole before it.
function Direction:drain(out)
  local waiting, index = self.waiting, 1
  while waiting[index] and waiting[index].position <= self.position do
    self.bytes = self.bytes - #waiting[index].data
    self:deliver(waiting[index], out)
    index = index + 1
  end
  if index > 1 then
    self.waiting = { table.unpack(waiting, index) }
  end
end

function Direction:give_up(out)
  local first = self.waiting[1]
  if first then
    local size = first.position - self.position
    self:advance(size)
    self.reader:gap(size, out)
    self:drain(out)
  end
end

-- Put a segment among those that wait, by position; of equal ones the earlier stays before.
function Direction:wait(segment)
  local waiting = self.waiting
  local at = #waiting + 1
  while at > 1 and waiting[at - 1].position > segment.position do
    at = at - 1
  end
  table.insert(waiting, at, segment)
  self.bytes = self.bytes + #segment.data
end

-- Take a segment. sequence, flags: of its header. data: its bytes, place: where they stand in the frame.
function Direction:segment(frame, sequence, flags, data, place, out)
  if has(flags, SYN) then
    if not self.next then
      self.next = (sequence + 1) % MODULUS
      self.reader = self.make_reader(true)
    end
    return
  end
  if not self.next then
    if data == "" then
      return
    end
    self.next = sequence
    self.reader = self.make_reader(false)
  end
  local ahead = self:ahead(sequence)
  if data ~= "" then
    local segment = { position = self.position + ahead, data = data, frame = frame, place = place }
    if ahead > 0 then
      segment.place = nil -- another frame will show it
      self:wait(segment)
      self:settle(out)
      if self.bytes > MOST_WAITING_BYTES or #self.waiting > MOST_WAITING then
        self:give_up(out)
      end
    elseif ahead + #data > 0 then
      self:deliver(segment, out)
      self:drain(out)
    else
      self:compare(segment.position, data)
    end
  end
  if has(flags, RST) then
    self:finish(out)
  elseif has(flags, FIN) then
    self.ends_at = self.position + self:ahead(sequence) + #data
    if self.ends_at <= self.position then
      self:finish(out)
    end
  end
end

-- Give up the holes whose bytes the peer has received.
function Direction:settle(out)
  while self.waiting[1] and self.waiting[1].position <= self.acked do
    self:give_up(out)
  end
end

-- The peer has received everything before a sequence number.
function Direction:acknowledged(sequence, out)
  self.acked = math.max(self.acked, self.position + self:ahead(sequence))
  self:settle(out)
  while self.unsettled[1] and self.unsettled[1].stop <= self.acked do
    table.remove(self.unsettled, 1)
  end
  if self.ends_at and self.acked > self.ends_at then
    self:finish(out)
  end
end

-- What is missing is not awaited any longer.
function Direction:give_up_all(out)
  while self.waiting[1] do
    self:give_up(out)
  end
end

-- Nothing more comes.
function Direction:finish(out)
  self:give_up_all(out)
  if self.reader and (self.ends_at or 0) > self.position then
    self.reader:gap(self.ends_at - self.position, out)
  end
  if self.reader then
    self.reader:close(out)
  end
end

return { new = new, has = has, SYN = SYN, RST = RST, ACK = ACK }
