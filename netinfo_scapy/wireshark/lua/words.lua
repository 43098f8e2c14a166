-- Bytes: numbers, texts, passwords. Plain Lua of every release from 5.2 to 5.4; offsets count from 0.
local byte, sub, find, format, gsub = string.byte, string.sub, string.find, string.format, string.gsub

-- The unsigned integer at an offset; the caller has made sure that its 4 bytes are there.
local function u32(data, at)
  local a, b, c, d = byte(data, at + 1, at + 4)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function u16(data, at)
  local high, low = byte(data, at + 1, at + 2)
  return high * 256 + low
end

-- The length of the UTF-8 character that begins at a position (from 1), or nil where none does (RFC 3629, 4).
local function character(data, at)
  local first, second, third, fourth = byte(data, at, at + 3)
  local function trails(each, low, high)
    return each ~= nil and each >= (low or 0x80) and each <= (high or 0xBF)
  end
  if first < 0x80 then
    return 1
  elseif first < 0xC2 or first > 0xF4 then
    return nil
  elseif first < 0xE0 then
    return trails(second) and 2 or nil
  elseif first < 0xF0 then
    local fine = trails(second, first == 0xE0 and 0xA0 or nil, first == 0xED and 0x9F or nil)
    return fine and trails(third) and 3 or nil
  end
  local fine = trails(second, first == 0xF0 and 0x90 or nil, first == 0xF4 and 0x8F or nil)
  return fine and trails(third) and trails(fourth) and 4 or nil
end

local function escape(each)
  return format("\\x%02x", byte(each))
end

-- Bytes as text that can be shown: UTF-8 stays, control characters and what is no UTF-8 become \xNN.
local function text(data)
  if not find(data, "[%c\127-\255]") then
    return data
  end
  local parts, at = {}, 1
  while at <= #data do
    local size = character(data, at)
    local piece = sub(data, at, at + (size or 1) - 1)
    -- U+0080 to U+009F are controls as well.
    local odd = size == nil or find(piece, "^%c") or find(piece, "^\194[\128-\159]")
    parts[#parts + 1] = odd and gsub(piece, ".", escape) or piece
    at = at + #piece
  end
  return table.concat(parts)
end

-- A text cut to a number of bytes, not inside a character.
local function cut(shown, most)
  if #shown <= most then
    return shown
  end
  while most > 0 and find(sub(shown, most + 1, most + 1), "[\128-\191]") do
    most = most - 1
  end
  return sub(shown, 1, most) .. "..."
end

local function invert(each)
  return string.char(255 - byte(each))
end

-- The password in a machinename, or nil: not empty, every byte 0x80 or more, and inverted. The word
-- "checksum" on NetInfo's STATISTICS is none.
local function password(machinename, on_statistics)
  if machinename == "" or find(machinename, "[\0-\127]") then
    return nil
  end
  local found = gsub(machinename, ".", invert)
  if on_statistics and found == "checksum" then
    return nil
  end
  return found
end

return { u32 = u32, u16 = u16, text = text, cut = cut, password = password }
