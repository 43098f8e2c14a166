-- TCP stream -> records: record marking (RFC 5531, section 11). A reader gets the bytes of one direction of a
-- connection, in stream order, and is told of each gap. It is in one of these states:
--
--   mark   a record mark comes next; the bytes of it collected so far are kept
--   body   inside a fragment: `left` bytes of it remain
--   hunt   position unknown (start in the middle, or a gap swallowed a mark): look at every offset for a mark with a
--          plausible message header behind it
--   dead   the marks made no sense: whatever this is, it is not RPC
--
-- A position known from the connection's start is certain: a mark that makes no sense there means dead. One found by
-- hunting is not: then the hunt goes on one byte behind where the record began. `position` counts the bytes of the
-- stream that were read; a record in progress began at `start`.
local byte, sub, u32 = string.byte, string.sub, words.u32
local is_message = message.is_message

local LAST = 2147483648
local LONGEST = 16777216 -- bytes of a record
local MOST_FRAMES = 1000 -- that are named of a record

local Reader = {}
Reader.__index = Reader

-- anchored: the first byte fed is the connection's first; else the reader hunts. note: called with a frame and the
-- record in progress when the frame brings bytes of it.
local function new(anchored, note)
  local self = setmetatable({ certain = anchored, note = note, hunted = {}, fed = 0, reread = 0,
    position = 0 }, Reader)
  self:forget()
  self.state = anchored and "mark" or "hunt"
  return self
end

-- Be ready for the next record.
function Reader:forget()
  self.state = "mark"
  self.mark = ""
  self.left, self.size, self.fragments = 0, 0, 0
  self.last, self.begun, self.conflict, self.whole = false, false, false, true
  self.pieces = {} -- of the body, up to the first hole
  self.kept, self.kept_bytes = {}, 0 -- chunks of an uncertain record, to hunt through again
  self.record = nil -- what the frames that hold a part of it will show
end

-- The record in progress; a frame that brings bytes of it is noted once.
function Reader:current(frame)
  local record = self.record
  if not record then
    self.start = self.position
    record = { frames = {}, frame = 0, parts = 0 }
    self.record = record
  end
  if record.frames[#record.frames] ~= frame then
    record.parts = record.parts + 1
    if #record.frames < MOST_FRAMES then
      record.frames[#record.frames + 1] = frame
    end
    if self.note then
      self.note(frame, record)
    end
  end
  if frame > record.frame then
    record.frame = frame
  end
  return record
end

-- Take the stream's next bytes. frame: the one that brought them. place: of the first byte among the bytes of that
-- frame, or nil where they are not at hand. What is found is appended to `out`.
function Reader:feed(data, frame, place, out)
  if self.state == "dead" then
    return
  end
  self.fed = self.fed + #data
  local todo = { { data = data, frame = frame, place = place, at = 0 } }
  while #todo > 0 and self.state ~= "dead" do
    local chunk = table.remove(todo)
    if self.state == "hunt" then
      self:hunt(chunk, todo)
    else
      self:read(chunk, todo, out)
    end
  end
end

local function again(todo, chunks)
  for index = #chunks, 1, -1 do
    if chunks[index].at < #chunks[index].data then
      todo[#todo + 1] = chunks[index]
    end
  end
end

function Reader:read(chunk, todo, out)
  local data = chunk.data
  while chunk.at < #data and (self.state == "mark" or self.state == "body") do
    local start = chunk.at
    local wanted = self.state == "mark" and 4 - #self.mark or self.left
    local stop = math.min(start + wanted, #data)
    local record = self:current(chunk.frame)
    local piece = sub(data, start + 1, stop)
    chunk.at = stop
    self.position = self.position + #piece
    if not self.certain and self.kept then
      self.kept[#self.kept + 1] = { data = piece, frame = chunk.frame, at = 0 }
      self.kept_bytes = self.kept_bytes + #piece
      if self.kept_bytes > plausible.LONGEST then
        self.kept = nil
      end
    end
    if self.state == "mark" then
      self.mark = self.mark .. piece
      if #self.mark == 4 then
        self:begin_fragment(out)
      end
    else
      self.left = self.left - #piece
      if self.whole then
        -- In one fragment and one frame, its bytes are shown where they stand.
        local first = #self.pieces == 0
        record.place = first and self.last and self.left == 0 and chunk.place and chunk.place + start or nil
        self.pieces[#self.pieces + 1] = piece
        self.size = self.size + #piece
        if not self.certain and not self:makes_sense() then
          self:lose_sense(out)
        end
      end
      if self.state == "body" and self.left == 0 then
        self:end_fragment(out)
      end
    end
  end
  if chunk.at < #data and self.state ~= "dead" then
    -- Behind what has to be read again, which lies on top.
    local reread = self.rereading
    self.rereading = nil
    todo[#todo + 1] = chunk
    again(todo, reread or {})
  elseif self.rereading then
    local reread = self.rereading
    self.rereading = nil
    again(todo, reread)
  end
end

function Reader:begin_fragment(out)
  local mark = u32(self.mark, 0)
  local length = mark % LAST
  if length > LONGEST - self.size then
    self:lose_sense(out)
    return
  end
  self.mark = ""
  self.begun = true
  if self.whole then
    self.fragments = self.fragments + 1
  end
  self.left, self.last = length, mark >= LAST
  self.state = "body"
  if length == 0 then
    self:end_fragment(out)
  end
end

function Reader:end_fragment(out)
  self.state = "mark"
  if self.last then
    self:end_record(out)
  end
end

function Reader:end_record(out)
  local record = self.record
  if record then
    record.whole, record.conflict, record.fragments = self.whole, self.conflict, self.fragments
    record.data = table.concat(self.pieces)
    record.sound = is_message(record.data)
    record.ended = true
    record.start, record.stop = self.start, self.position
    out[#out + 1] = record
  end
  self:forget()
end

-- The first bytes of the body.
function Reader:head()
  local parts, size = {}, 0
  for _, piece in ipairs(self.pieces) do
    parts[#parts + 1] = piece
    size = size + #piece
    if size >= 8 then
      break
    end
  end
  return table.concat(parts)
end

-- Where the record in progress began, or nil.
function Reader:in_progress()
  return self.record and self.start
end

function Reader:makes_sense()
  return self.size < 8 or is_message(self:head())
end

-- A mark or a message type makes no sense here.
function Reader:lose_sense(out)
  if self.certain then
    if is_message(self:head()) then
      self.whole = false
    end
    self:end_record(out)
    self.state = "dead"
    return
  end
  local kept = self.kept
  self:forget()
  self.state = "hunt"
  -- The first byte is known to begin no record. Who makes us read the same again and again is not followed.
  if kept and #kept > 0 and self.reread <= 8 * self.fed + plausible.LONGEST then
    kept[1].at = 1
    local size = -1
    for _, each in ipairs(kept) do
      size = size + #each.data
    end
    self.reread = self.reread + size
    self.position = self.position - size
    self.rereading = kept
  end
end

-- So many bytes of the stream are missing from the capture.
function Reader:gap(size, out)
  if self.state == "dead" then
    return
  end
  self.position = self.position + size
  if self.state == "hunt" then
    for _, each in ipairs(self.hunted) do
      self.position = self.position + #each.data - each.at
    end
    self.hunted = {}
    return
  end
  self.kept = nil
  if self.state == "body" and size <= self.left then
    self.whole = false
    self.left = self.left - size
    if self.left == 0 then
      self:end_fragment(out)
    end
    return
  end
  if self.begun or self.mark ~= "" then
    self.whole = false
    self:end_record(out)
  end
  self:forget()
  self.state = "hunt"
  self.certain = false
end

-- The stream has ended: a record in progress is incomplete.
function Reader:close(out)
  if (self.state == "mark" or self.state == "body") and (self.begun or self.mark ~= "") then
    self.whole = false
    self:end_record(out)
  end
  self.state = "dead"
end

-- Look for a plausible record in what is held and what came.
function Reader:hunt(chunk, todo)
  local chunks = self.hunted
  chunks[#chunks + 1] = chunk
  local parts = {}
  for index, each in ipairs(chunks) do
    parts[index] = sub(each.data, each.at + 1)
  end
  local data = table.concat(parts)
  local at, found = 0, false
  while at < #data do
    local kind = byte(data, at + 1)
    local verdict = false
    if kind < 0x10 or kind >= 0x80 and kind < 0x90 then
      verdict = plausible.record(data, at)
    end
    if verdict == nil then
      break
    elseif verdict then
      found = true
      break
    end
    at = at + 1
  end
  -- What was looked at goes.
  self.position = self.position + at
  local rest, skipped = {}, at
  for _, each in ipairs(chunks) do
    local size = #each.data - each.at
    if skipped < size then
      each.at = each.at + skipped
      rest[#rest + 1] = each
      skipped = 0
    else
      skipped = skipped - size
    end
  end
  if found then
    self.hunted = {}
    self:forget()
    again(todo, rest)
  else
    self.hunted = rest
  end
end

return { new = new }
