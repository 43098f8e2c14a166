-- What Wireshark offers a Lua script, as far as netinfo.lua uses it: enough to run the script under any release of Lua.
-- A tree item is a line of text, with the lines below it.
local Range, Tvb, Item = {}, {}, {}
Range.__index, Tvb.__index, Item.__index = Range, Tvb, Item

function Range:raw()
  return string.sub(self.tvb.bytes, self.offset + 1, self.offset + self.size)
end

function Tvb:len()
  return #self.bytes
end

function Tvb:range(offset, size)
  assert(math.type == nil or math.type(offset) == "integer", "an offset that is no integer")
  assert(size >= 0 and offset >= 0 and offset + size <= #self.bytes, "a range outside of the bytes")
  return setmetatable({ tvb = self, offset = offset, size = size }, Range)
end

local function new_tvb(bytes)
  return setmetatable({ bytes = bytes }, Tvb)
end

local function shown(value)
  return getmetatable(value) == Range and "range" or tostring(value)
end

function Item:add(what, range, value)
  local below = setmetatable({ depth = self.depth + 1, out = self.out, at = #self.out + 1 }, Item)
  self.out[below.at] = string.rep("  ", below.depth) .. (type(what) == "table" and (what.name or "range") or shown(what))
    .. " " .. shown(range) .. (value ~= nil and " " .. shown(value) or "")
  return below
end

function Item:set_generated() return self end
Item.set_hidden = Item.set_generated

function Item:set_text(text)
  self.out[self.at] = self.out[self.at] .. " : " .. text
  return self
end

Item.append_text = Item.set_text

function Item:add_proto_expert_info(info, text)
  self.out[self.at] = self.out[self.at] .. " ! " .. info.name .. " " .. text
end

local function constants()
  return setmetatable({}, { __index = function(_, key) return key end })
end


local fields, registered, protocols = {}, nil, {}
ProtoField = setmetatable({}, { __index = function() return function(name) return { name = name } end end })
ProtoExpert = { new = function(name) return { name = name } end }
Pref = { string = function(_, default) return default end, bool = function(_, default) return default end }
base, frametype = constants(), constants()
expert = { group = constants(), severity = constants() }
NSTime = { new = function(seconds, nanoseconds) return string.format("%d.%09d", seconds, nanoseconds) end }
Address = { ip = function(text) return text end }
ByteArray = { new = function(bytes) return { tvb = function() return new_tvb(bytes) end } end }
DissectorTable = { get = function() return { add_for_decode_as = function() end } end }
Field = { new = function(name)
  return function() return table.unpack(fields[name] or {}) end
end }

function Proto(name)
  local protocol = { name = name, prefs = {} }
  protocols[#protocols + 1] = protocol
  return protocol
end

function register_postdissector(protocol)
  registered = protocol
end

-- Dissect a frame. told: of each field of Wireshark's that it has its offset and value. Gives lines of text.
function dissect(number, time, bytes, told)
  local tvb = new_tvb(bytes)
  fields = {}
  for name, row in pairs(told) do
    fields[name] = { { source = tvb, offset = row[1], value = row[2], range = tvb:range(row[1], row[3]) } }
  end
  local info = { clear_fence = function() end }
  local pinfo = { number = number, rel_ts = time, abs_ts = time, visited = false, cols = { info = info } }
  local out = {}
  registered.dissector(tvb, pinfo, setmetatable({ depth = 0, out = out, at = 1 }, Item))
  out[#out + 1] = tostring(pinfo.cols.protocol) .. " | " .. shown(pinfo.cols.info ~= info and pinfo.cols.info)
  return table.concat(out, "\n")
end

function start()
  for _, protocol in ipairs(protocols) do
    if protocol.init then
      protocol.init()
    end
  end
end
