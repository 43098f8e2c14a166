-- Messages -> Wireshark's tree. Texts of the network are made safe to show.
local text, cut = words.text, words.cut
local value, child = xdr.value, xdr.child

local label_of, summary_of, LIST = lines.label_of, lines.of_value, lines.LIST

local MOST_INFO = 400
local OURS = { netinfo = true, nibind = true }

-- The tree. place: tvb, base (where the message begins in it), prefix (whose fields), message.
local add

local function range_of(place, node)
  if node.from and node.till > node.from then
    return place.tvb:range(place.base + node.from, node.till - node.from)
  end
  return place.tvb:range(place.base + node.at, math.max(node.size, 1))
end

local function add_children(item, place, node)
  for _, each in ipairs(node) do
    add(item, place, each)
  end
end

local function hide(item, place, name, node, shown)
  item:add(fields.named[place.prefix][name], range_of(place, node), shown):set_hidden()
end

-- A directory's name is the value of its property "name".
local function add_directory_names(item, place, node)
  local named = value(node, "key") or value(node, "name")
  if place.prefix ~= "netinfo" or named ~= "name" then
    return
  end
  local single, list = child(node, "value"), child(node, "values")
  for _, each in ipairs(list or { single }) do
    hide(item, place, "name", each, text(each.value))
  end
end

local function add_leaf(item, place, node)
  local field = fields.field_of(place.prefix, node.owner, node.name)
  local kind, range, shown = node.type.kind, range_of(place, node), node.value
  local added
  if kind == "enum" then
    added = item:add(field, range, shown)
    if not tables.enums[node.type.name][shown] then
      added:set_text(tables.labels[node.name] .. ": " .. label_of(node.type.name, shown))
    end
  elseif kind == "string" then
    added = item:add(field, range, text(shown))
  elseif kind == "address" or kind == "octets" then
    added = item:add(field, range, Address.ip(lines.dotted(shown)))
  elseif kind == "opaque" or kind == "fixed" then
    if #shown > 0 then
      added = item:add(field, range)
    else
      added = item:add(range, tables.labels[node.name] .. ": empty")
    end
  else
    added = item:add(field, range, shown)
    if shown == lines.NOBODY then
      added:append_text(node.name == "where" and " (at the end)" or " (none)")
    end
  end
  local alias = tables.aliases[place.prefix .. "." .. node.name]
  if alias then
    hide(item, place, alias, node, kind == "string" and text(shown) or shown)
  end
  return added
end

function add(item, place, node)
  local kind = node.type.kind
  if node.absent then
    item:add(range_of(place, node), tables.labels[node.name] .. ": none")
  elseif node.type.inline then
    add_children(item, place, node)
  elseif node.type.first then
    local first = node[1]
    local added = add_leaf(item, place, { name = node.name, owner = node.owner, type = first.type, at = node.at,
                                          size = node.size, value = first.value })
    for index = 2, #node do
      add(added, place, node[index])
    end
    return added
  elseif kind == "struct" or kind == "union" then
    local title = node.name and tables.labels[node.name] or tables.labels[node.type.name]
    local added = item:add(range_of(place, node), cut(title .. ": " .. summary_of(node, 80), 120))
    add_children(added, place, node)
    add_directory_names(added, place, node)
  elseif LIST[kind] then
    local field = fields.field_of(place.prefix, node.owner, node.name)
    local added = item:add(field, range_of(place, node), node.value)
    local held = node.value > 0 and " " .. cut(summary_of(node, 80), 80) or ""
    added:set_text(tables.labels[node.name] .. string.format(": %d", node.value) .. held)
    add_children(added, place, node)
  else
    return add_leaf(item, place, node)
  end
end

local function add_body(item, place, node)
  if node then
    add_children(item, place, node)
    add_directory_names(item, place, node)
  end
end

-- A forwarded call or its result, as part of the CALLIT that holds it.
local function add_inner(item, place, m)
  local inner = m.inner
  local prefix = inner and tables.prefixes[inner.program]
  if not prefix then
    return false
  end
  local name = message.name_of(inner.program, inner.version, inner.procedure)
  local range = place.tvb:range(place.base + (inner.at or 0), math.max(inner.size or 0, 1))
  local added = item:add(fields.protocols[prefix], range, name .. (m.is_call and ", forwarded" or ", result"))
  added:add(fields.named[prefix].procedure, inner.procedure):set_generated()
  add_body(added, { tvb = place.tvb, base = place.base, prefix = prefix }, inner.node)
  return true
end

-- called: a call, or what is remembered of one.
local function procedure_line(called)
  local name = called.row and called.row.name or string.format("PROC_%d", called.procedure)
  return string.format("Procedure: %s (%d)", name, called.procedure)
end

-- What a reply takes from its call.
local function add_called(item, place, called)
  local named = fields.named[place.prefix]
  local program = item:add(named.program, called.program)
  if called.known then
    program:append_text(" (" .. called.known.name .. ")")
  end
  program:set_generated()
  item:add(named.version, called.version):set_generated()
  item:add(named.procedure, called.procedure):set_text(procedure_line(called)):set_generated()
end

local function add_credential(item, place, node, m)
  local named = fields.named[place.prefix]
  local added = add_leaf(item, place, { name = node.name, owner = node.owner, type = node[1].type, at = node.at,
                                        size = node.size, value = node[1].value })
  local body = child(node, "body")
  if body then
    added:add(named[node.name .. "_length"], range_of(place, { at = body.at, size = 4 }), body.till - body.from)
  end
  for _, each in ipairs(node.fields or {}) do
    if each.name == "machinename" then
      local on_statistics = m.program == tables.statistics.program and m.version == tables.statistics.version
        and m.procedure == tables.statistics.procedure
      local password = words.password(each.value, on_statistics)
      added:add(named.password_present, password ~= nil):set_generated()
      if not password then
        add(added, place, each)
      elseif fields.preferences.show_passwords then
        added:add(named.password, range_of(place, each), text(password)):set_generated()
      end
    else
      add(added, place, each)
    end
  end
end

local function add_header(item, place, node, m)
  for _, each in ipairs(node) do
    if each.type.inline then
      add_header(item, place, each, m)
    elseif each.name == "credential" or each.name == "verifier" then
      add_credential(item, place, each, m)
    elseif each.name == "program" then
      local added = add_leaf(item, place, each)
      if m.known then
        added:append_text(" (" .. m.known.name .. ")")
      end
    elseif each.name == "procedure" then
      add_leaf(item, place, each):set_text(procedure_line(m))
    else
      add(item, place, each)
    end
  end
end

-- Seconds as Wireshark's time; both parts of a negative one are negative.
local function interval(seconds)
  local nanoseconds = math.floor(seconds * 1000000000 + 0.5)
  local whole = math.floor(math.abs(nanoseconds) / 1000000000)
  if nanoseconds < 0 then
    whole = -whole
  end
  return NSTime.new(whole, math.floor(nanoseconds - whole * 1000000000))
end

local function add_links(item, named, shown)
  local entry = shown.entry
  if entry then
    local answered = shown.first or entry
    if shown.first then
      item:add(named.retransmission_of, shown.first.frame):set_generated()
    end
    if answered.reply_frame then
      item:add(named.reply_frame, answered.reply_frame):set_generated()
    end
  elseif shown.call then
    item:add(named.call_frame, shown.call.frame):set_generated()
    item:add(named.time, interval(shown.time - shown.call.time)):set_generated()
  end
  if shown.parts > 1 then
    for _, frame in ipairs(shown.frames) do
      item:add(named.segment, frame):set_generated()
    end
  end
end

-- Show a message: its line for the info column, and whether it belongs there. source: the bytes that the frame
-- itself has them in, or nil.
local function show(tree, shown, source, late)
  local tvb, base = source, shown.place
  if shown.data then
    tvb, base = ByteArray.new(shown.data, true):tvb("NetInfo message"), 0
  elseif not tvb then
    return nil
  end
  local m = message.read_header(tvb:range(base, shown.size):raw(), shown.whole)
  message.read_body(m, shown.call)
  local prefix = shown.prefix
  local named = fields.named[prefix]
  local place = { tvb = tvb, base = base, prefix = prefix }
  local info = lines.of_message(m, shown)
  local range = tvb:range(base, shown.size)
  local item = tree:add(fields.protocols[prefix], range, cut(info, MOST_INFO))
  if late then
    item:add(named.message_frame, shown.frame):set_generated()
  end
  item:add(named.length, shown.size):set_generated()
  item:add(named.fragments, shown.fragments):set_generated()
  add_links(item, named, shown)
  add_header(item, place, m.header, m)
  if not m.is_call and shown.call and shown.call.procedure then
    add_called(item, place, shown.call)
  end
  local inner_shown = false
  if m.body then
    for _, each in ipairs(m.body) do
      local holds = m.inner and (each.name == "arguments" or each.name == "result")
      if holds and add_inner(item, place, m) then
        inner_shown = true
      else
        add(item, place, each)
      end
    end
    add_directory_names(item, place, m.body)
  end
  for each in pairs(shown.found) do
    m.found[each] = true
  end
  for _, each in ipairs(tables.anomalies) do
    if m.found[each.id] then
      local added = item:add(named.anomaly, each.id)
      added:set_generated()
      added:add_proto_expert_info(fields.experts[prefix][each.id], each.meaning)
    end
  end
  if m.room.cut then
    item:add(range, "More values than can be shown follow")
  end
  local inner_prefix = inner_shown and tables.prefixes[m.inner.program]
  return info, OURS[prefix] and prefix or OURS[inner_prefix] and inner_prefix or nil
end

-- Say in a frame that it holds a part of a record whose message another frame shows.
local function show_part(tree, record)
  local shown = record.shown
  local item = tree:add(fields.protocols[shown.prefix], "Part of the message in frame " .. shown.frame)
  item:add(fields.named[shown.prefix].message_frame, shown.frame):set_generated()
  return "part of the message in frame " .. shown.frame, OURS[shown.prefix] and shown.prefix or nil
end

return { show = show, show_part = show_part, MOST_INFO = MOST_INFO }
