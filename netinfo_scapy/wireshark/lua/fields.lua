-- What can be filtered: protocols, fields, expert infos and preferences, from the tables.
local MAKE = {
  uint = ProtoField.uint32,
  int = ProtoField.int32,
  bool = ProtoField.bool,
  address = ProtoField.ipv4,
  string = ProtoField.string,
  bytes = ProtoField.bytes,
  frame = ProtoField.framenum,
  interval = ProtoField.relative_time,
}

local protocols, fields, experts = {}, {}, {}

local function make(prefix, row)
  local name, kind, label, detail = row[1], row[2], row[3], row[4]
  local abbreviation = prefix .. "." .. name
  if kind == "frame" then
    return MAKE.frame(abbreviation, label, base.NONE, detail and frametype[detail] or frametype.NONE)
  elseif kind == "uint" then
    local shown = detail and tables.enums[detail] or detail == "procedure" and tables.procedures[prefix] or nil
    return MAKE.uint(abbreviation, label, name == "xid" and base.HEX or base.DEC, shown)
  end
  return MAKE[kind](abbreviation, label)
end

for _, row in ipairs(tables.protocols) do
  local prefix, protocol = row.prefix, Proto(row.prefix, row.description)
  local named, listed = {}, {}
  for index, each in ipairs(row.fields) do
    named[each[1]] = make(prefix, each)
    listed[index] = named[each[1]]
  end
  protocol.fields = listed
  local infos, all = {}, {}
  for index, each in ipairs(tables.anomalies) do
    local name = string.gsub(each.id, "-", "_")
    all[index] = ProtoExpert.new(prefix .. ".expert." .. name, each.meaning, expert.group[each.group],
      expert.severity[each.severity])
    infos[each.id] = all[index]
  end
  protocol.experts = all
  protocols[prefix], fields[prefix], experts[prefix] = protocol, named, infos
end

local preferences = protocols.netinfo.prefs
preferences.ports = Pref.string("More ports", "",
  "UDP and TCP ports of NetInfo servers beside 961, as 1033,1043-1045. Ports that calls, the port mapper or nibind tell "
  .. "of are known by themselves.")
preferences.show_passwords = Pref.bool("Show passwords", false,
  "Show the password that a credential carries in its machine name with every bit inverted.")

-- The field of a node: of that name, or where the name means several things, of the struct and the name.
local function field_of(prefix, owner, name)
  local named = fields[prefix]
  return owner and named[owner .. "." .. name] or named[name]
end

return { protocols = protocols, named = fields, experts = experts, preferences = preferences, field_of = field_of }
