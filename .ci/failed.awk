# Of a run in TAP: each assertion that failed, after the file and the subtests that it is of, with
# the diagnosis that follows it. A test that fails because of one within it is not told of again.

function indent(line) {
  match(line, /^ */)
  return RLENGTH
}

/^ *# Subtest: / {
  depth = indent($0)
  name = $0
  sub(/^ *# Subtest: /, "", name)
  names[depth] = name
  for (deeper in names) if (deeper + 0 > depth) delete names[deeper]
  failures[depth + 4] = 0
}

telling {
  if (indent($0) >= within || $0 ~ /^ *$/) {
    print
    if ($0 ~ /^ *\.\.\.$/ && indent($0) == within) telling = 0
    next
  }
  telling = 0
}

/^ *not ok / && !/# (TODO|SKIP)/ {
  depth = indent($0)
  parent = failures[depth + 4]
  failures[depth + 4] = 0
  failures[depth]++
  if (parent > 0) next
  place = ""
  for (level = 0; level < depth; level += 4) if (level in names) place = place names[level] " > "
  sub(/^ */, "")
  print place $0
  telling = 1
  within = depth + 2
}
