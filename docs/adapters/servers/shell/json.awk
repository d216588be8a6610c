# Checks that its input is one JSON object, by the letter (M5, M6), and prints that object for jq with every object and
# array inside replaced by [] and every number and boolean by 0. jq alone is too lenient: depending on its version, it
# takes NaN, leading zeros, a byte-order mark or several values, and refuses levels of nesting that are legal (M11).
# For anything else the output is not JSON. It never recurses. The input has to be followed by a line break.
#
# The record separator is the quotation mark, so that records are outside and inside a string in turn. The text of a
# string that contains escaped quotation marks is several records.

function fail() {
  print "!"
  exit
}

# Takes one token: a bracket, a comma, a colon, "s" for a string, "v" for a number or boolean, "n" for null.
function take(token) {
  if (!index(expected, token)) fail()
  if (depth == 0) printf "{"
  if (depth == 1) printf "%s", shown[token]
  if (token == ":") expected = value
  else if (token == ",") expected = open[depth] == "{" ? "s" : value
  else if (token == "s" && open[depth] == "{" && expected != value) expected = ":" # a name
  else if (token == "{" || token == "[") {
    if (++depth > 10000) fail() # M11
    open[depth] = token
    expected = token == "{" ? "s}" : value "]"
  } else {
    if (token == "}" || token == "]") depth--
    expected = depth == 0 ? "" : open[depth] == "{" ? ",}" : ",]"
  }
}

function kind(word) {
  if (word == "null") return "n"
  if (word == "true" || word == "false" || word ~ number) return "v"
  fail()
}

BEGIN {
  RS = "\""
  shown["{"] = shown["["] = "[]"
  shown["v"] = "0"
  shown["n"] = "null"
  shown[":"] = ":"
  shown[","] = ","
  shown["}"] = "}" # A string is printed where it is read.
  value = "{[svn"
  expected = "{" # M6
  number = "^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?$"
  escape = "\\\\([\"\\\\/bfnrt]|u[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f])"
}

inside {
  unescaped = $0
  more = match($0, /\\+$/) && RLENGTH % 2 == 1 # The quotation mark after this record is escaped.
  if (more) unescaped = unescaped "\""
  if (index(unescaped, "\\")) gsub(escape, "", unescaped)
  if (index(unescaped, "\\") || unescaped ~ /[\001-\037]/) fail()
  if (depth == 1) printf "%s\"", $0
  if (more) next
  take("s")
  inside = 0
  next
}

{
  gsub(/[ \t\r\n]+/, " ")
  count = split($0, words, /[][{}:, ]/)
  end = 0
  for (i = 1; i <= count; i++) {
    if (words[i] != "") take(kind(words[i]))
    end += length(words[i]) + 1
    separator = substr($0, end, 1)
    if (separator != " " && separator != "") take(separator)
  }
  inside = 1
  if (depth == 1) printf "\""
}

END {
  if (expected != "" || !inside) print "!"
}
