-- A message, and a value, as a line of text.
local text, cut = words.text, words.cut

local MOST_SUMMARY, MOST_LISTED = 160, 20
local NOBODY = 4294967295
local LIST = { array = true, times = true, chain = true }

local function dotted(number)
  local parts = {}
  for index = 4, 1, -1 do
    parts[index] = string.format("%d", number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(parts, ".")
end

local function label_of(enum, number)
  return tables.enums[enum][number] or tables.unknown[enum] .. string.format("%d", number)
end

-- In a line: a node's value, compact; `left` bytes are enough.
local summary_of

local function parts_of(node, left, separator, keyed)
  local parts, size = {}, 0
  for index, each in ipairs(node) do
    if size > left or index > MOST_LISTED then
      parts[#parts + 1] = "..."
      break
    end
    local shown = summary_of(each, left)
    if keyed and each.name ~= "id" and each.name ~= "status" then
      shown = each.name .. "=" .. shown
    end
    if not (keyed and each.name == "status") then
      parts[#parts + 1] = shown
      size = size + #shown
    end
  end
  return table.concat(parts, separator)
end

function summary_of(node, left)
  local kind = node.type.kind
  if node.absent then
    return "none"
  elseif kind == "string" then
    return cut(text(node.value), left)
  elseif kind == "opaque" or kind == "fixed" then
    return string.format("%d bytes", #node.value)
  elseif kind == "address" or kind == "octets" then
    return dotted(node.value)
  elseif kind == "enum" then
    return label_of(node.type.name, node.value)
  elseif LIST[kind] then
    return "(" .. parts_of(node, left, ", ") .. ")"
  elseif node.type.first then
    return node[1] and string.format("/%d", node[1].value) or ""
  elseif kind == "struct" or kind == "union" then
    local key, values = node[1], node[2]
    if #node == 2 and key.name == "name" and values.name == "values" then
      return summary_of(key, left) .. "=" .. summary_of(values, left)
    elseif #node == 3 and node[2].name == "key" and node[3].name == "value" then
      return parts_of({ node[1] }, left, " ", true) .. " " .. summary_of(node[2], left) .. "=" .. summary_of(node[3], left)
    end
    return parts_of(node, left, " ", true)
  elseif kind == "bool" then
    return tostring(node.value)
  elseif node.name == "where" and node.value == NOBODY then
    return "end"
  end
  return string.format("%d", node.value)
end

local function with_inner(m, node)
  local shown = node and summary_of(node, MOST_SUMMARY) or ""
  local inner = m.inner
  if inner then
    shown = (message.name_of(inner.program, inner.version, inner.procedure) or "")
    if inner.node and inner.fine then
      shown = shown .. " " .. summary_of(inner.node, MOST_SUMMARY)
    end
  end
  return cut(shown, MOST_SUMMARY)
end

-- A call in a line.
local function summary(m)
  local name = message.name_of(m.program, m.version, m.procedure) or "call"
  local body = m.fine and with_inner(m, m.body) or ""
  return body == "" and name or name .. " " .. body
end

local function status_of(m)
  if m.status then
    return label_of("ni_status", m.status)
  end
  local detail = ""
  for _, name in ipairs({ "auth_status", "reject_status", "accept_status", "reply_status" }) do
    local found = message.of_header(m.header, name)
    if found and name == "auth_status" then
      detail = "/" .. label_of(found.type.name, found.value)
    elseif found then
      return label_of(found.type.name, found.value) .. detail
    end
  end
  return "?"
end

local function info_of(m, shown)
  if m.is_call then
    return summary(m)
  end
  local asked = shown.call and shown.call.summary or "reply to a call that was not seen"
  local body = m.fine and with_inner(m, m.body) or ""
  return asked .. " -> " .. status_of(m) .. (body ~= "" and " " .. body or "")
end

return {
  of_value = summary_of,
  of_call = summary,
  of_message = info_of,
  dotted = dotted,
  label_of = label_of,
  LIST = LIST,
  NOBODY = NOBODY,
}
