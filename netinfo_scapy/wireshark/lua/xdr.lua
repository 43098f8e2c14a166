-- XDR (RFC 4506): a type and bytes -> nodes. A node is what is shown of a value:
--   name, owner   the field, and the struct that it stands in
--   type          a type of the tables
--   at, size      where it stands in the message
--   value         number, bytes or boolean; of a list its count; nil of a struct
--   from, till    of strings and opaques: where the bytes stand
--   [1], [2], ... what it holds
-- A length is compared with what is left before anything is looped over; nothing recurses but the types themselves,
-- which are a few levels deep. What is odd goes to `found`; what cannot be read ends the reading: `failure` says why,
-- and the nodes before it stay.
local find, sub, u32 = string.find, string.sub, words.u32

-- A message can hold a million values; Wireshark refuses a tree with as many. Those beyond are checked, not shown.
local MOST_NODES = 250000

local function reader(data, at, stop, found, room)
  return { data = data, at = at, stop = stop, found = found, failure = nil, room = room or { left = MOST_NODES } }
end

local function fail(r, reason)
  r.failure = reason
  return false
end

local function word(r)
  if r.stop - r.at < 4 then
    fail(r, "truncated")
    return nil
  end
  local value = u32(r.data, r.at)
  r.at = r.at + 4
  return value
end

local function flag(r)
  local value = word(r)
  if value and value > 1 then
    r.found["optional-flag"] = true
  end
  return value
end

local decode

local function fixed(r, node, size)
  if r.stop - r.at < size then
    return fail(r, "truncated")
  end
  node.from, node.till = r.at, r.at + size
  node.value = sub(r.data, r.at + 1, r.at + size)
  r.at = r.at + size
  return true
end

local function counted(r, kind, node)
  local length = word(r)
  if not length then
    return false
  end
  if length > r.stop - r.at then
    return fail(r, "truncated")
  elseif length > kind.most then
    return fail(r, "over-limit")
  end
  local padding = -length % 4
  if padding > r.stop - r.at - length then
    return fail(r, "truncated")
  end
  fixed(r, node, length)
  if find(sub(r.data, r.at + 1, r.at + padding), "[^\0]") then
    r.found["nonzero-padding"] = true
  end
  r.at = r.at + padding
  return true
end

-- What an element of a list is called; a struct goes by its type.
local function element_name(kind, node)
  return kind.of.kind ~= "struct" and tables.elements[node.name] or nil
end

local function elements(r, kind, node, count)
  for left = count, 1, -1 do
    if r.room.left <= 0 and kind.of.kind == "uint" then
      if left * 4 > r.stop - r.at then
        return fail(r, "truncated")
      end
      r.at = r.at + left * 4
      r.room.cut = true
      return true
    end
    if not decode(r, kind.of, node, element_name(kind, node), node.owner) then
      return false
    end
  end
  return true
end

local decoders = {}

function decoders.uint(r, _, node)
  node.value = word(r)
  return node.value ~= nil
end

decoders.enum = decoders.uint
decoders.address = decoders.uint

function decoders.int(r, _, node)
  local value = word(r)
  node.value = value and value >= 2147483648 and value - 4294967296 or value
  return value ~= nil
end

function decoders.bool(r, _, node)
  local value = word(r)
  if not value then
    return false
  end
  if value > 1 then
    r.found["odd-boolean"] = true
  end
  node.value = value ~= 0
  return true
end

-- Four words, one octet each, sign-extended or not (bootparam).
function decoders.octets(r, _, node)
  if r.stop - r.at < 16 then
    return fail(r, "truncated")
  end
  local number = 0
  for _ = 1, 4 do
    local value = word(r)
    if value > 0xFF and value < 0xFFFFFF80 then
      r.found["odd-octet"] = true
    end
    number = number * 256 + value % 256
  end
  node.value = number
  return true
end

decoders.opaque = counted

function decoders.string(r, kind, node)
  if not counted(r, kind, node) then
    return false
  end
  if find(node.value, "\0", 1, true) then
    r.found["inner-nul"] = true
  end
  return true
end

function decoders.fixed(r, kind, node)
  return fixed(r, node, kind.size)
end

function decoders.array(r, kind, node)
  local count = word(r)
  if not count then
    return false
  end
  if count * kind.least > r.stop - r.at then
    return fail(r, "truncated")
  elseif count > kind.most then
    return fail(r, "over-limit")
  end
  node.value = count
  return elements(r, kind, node, count)
end

function decoders.times(r, kind, node)
  node.value = kind.count
  return elements(r, kind, node, kind.count)
end

function decoders.chain(r, kind, node)
  node.value = 0
  while true do
    local more = flag(r)
    if not more then
      return false
    elseif more == 0 then
      return true
    elseif not decode(r, kind.of, node, element_name(kind, node), node.owner) then
      return false
    end
    node.value = node.value + 1
  end
end

function decoders.optional(r, kind, node)
  local present = flag(r)
  if not present then
    return false
  elseif present == 0 then
    node.absent = true
    return true
  end
  -- The value takes the optional's place.
  node.type = kind.of
  return decoders[kind.of.kind](r, kind.of, node)
end

function decoders.struct(r, kind, node)
  for _, field in ipairs(kind) do
    if not decode(r, field[2], node, field[1], kind.name) then
      return false
    end
  end
  return true
end

function decoders.union(r, kind, node)
  if not decode(r, kind.tag, node, kind.discriminant, kind.name) then
    return false
  end
  local arm = kind.arms[u32(r.data, r.at - 4)]
  return arm == nil or decoders.struct(r, arm, node)
end

-- Read a value and put its node into another; false where that failed.
function decode(r, kind, into, name, owner)
  local node = { name = name, owner = owner, type = kind, at = r.at }
  local has_room = r.room.left > 0
  r.room.left = r.room.left - 1
  local fine = decoders[kind.kind](r, kind, node)
  node.size = r.at - node.at
  if not has_room then
    r.room.cut = true
  elseif fine or node.value ~= nil or #node > 0 then
    into[#into + 1] = node
  end
  return fine
end

-- Read a struct or union from the reader's place on: its node, and whether it could be read to its end.
local function read(r, kind)
  local node = { type = kind, at = r.at }
  local fine = decoders[kind.kind](r, kind, node)
  node.size = r.at - node.at
  return node, fine
end

-- The node with a name among what a node holds, or nil.
local function child(node, name)
  for _, each in ipairs(node or {}) do
    if each.name == name then
      return each
    end
  end
  return nil
end

local function value(node, name)
  local found = child(node, name)
  return found and found.value
end

return { reader = reader, read = read, child = child, value = value }
