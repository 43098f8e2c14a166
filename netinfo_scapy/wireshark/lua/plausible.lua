-- Whether a record mark and an RPC header stand somewhere in a stream: where nothing else tells where records begin.
-- The header is one that a peer could have written: RPC version 2, a program number in use, small version and
-- procedure, credentials within RFC 5531's limit, known statuses, and the exact length where the reply has no result.
-- What follows the fragment, as far as it is there, must be a mark and, behind a last fragment, a message.
local u32 = words.u32
local is_message = message.is_message

local LAST = 2147483648
local LONGEST, LONGEST_FRAGMENT = 1048576, 65536 -- bytes of the first fragment, where it is the last one, where not
local MOST_AUTH_BYTES = 400

-- The offset after a credential or verifier that begins at an offset; false where none can, nil where more bytes
-- must tell.
local function after_auth(data, at)
  if #data - at < 8 then
    return nil
  end
  local flavor, length = u32(data, at), u32(data, at + 4)
  if flavor > 0xFFFFF or length > MOST_AUTH_BYTES then
    return false
  end
  return at + 8 + length + -length % 4
end

local function plausible_call(data, at, length)
  if length < 40 then
    return false
  elseif #data - at < 32 then
    return nil
  end
  local program = u32(data, at + 12)
  if u32(data, at + 8) ~= 2 or program < 100000 or program >= 0x60000000
    or u32(data, at + 16) > 0xFFFF or u32(data, at + 20) > 0xFFFF then
    return false
  end
  local after = after_auth(data, at + 24)
  if after then
    after = after_auth(data, after)
  end
  if not after then
    return after
  end
  return after - at <= length
end

local function plausible_reply(data, at, length, last)
  if #data - at < 20 then
    return nil
  end
  local status = u32(data, at + 8)
  if status == 1 then
    local reject, detail = u32(data, at + 12), u32(data, at + 16)
    if reject == 0 then
      return length == 24 and last
    end
    return reject == 1 and tables.enums.auth_stat[detail] ~= nil and length == 20 and last
  elseif status ~= 0 then
    return false
  end
  local after = after_auth(data, at + 12)
  if not after then
    return after
  elseif #data < after + 4 then
    return nil
  end
  local accept, size = u32(data, after), after + 4 - at
  if accept == 0 then
    return size <= length
  end
  return tables.enums.accept_stat[accept] ~= nil and last and length == size + (accept == 2 and 8 or 0)
end

-- Whether a mark can stand at an offset, and a message behind it; yes where the bytes are not there.
local function plausible_next(data, at, begins)
  local left = #data - at
  if left < 4 then
    return true
  end
  local length = u32(data, at) % LAST
  if length > LONGEST then
    return false
  end
  return not begins or left < 12 or length < 8 or is_message(data, at + 4)
end

-- Whether a record mark and an RPC header stand at an offset; nil where more bytes must tell.
local function plausible(data, at)
  if #data - at < 12 then
    return nil
  end
  local mark = u32(data, at)
  local length, last, kind = mark % LAST, mark >= LAST, u32(data, at + 8)
  if length < 20 or length > (last and LONGEST or LONGEST_FRAGMENT) or kind > 1 then
    return false
  end
  local verdict
  if kind == 0 then
    verdict = plausible_call(data, at + 4, length)
  else
    verdict = plausible_reply(data, at + 4, length, last)
  end
  return verdict and plausible_next(data, at + 4 + length, last)
end

return { record = plausible, LONGEST = LONGEST }
