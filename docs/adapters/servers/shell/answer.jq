# Prints the SubmitResponse to the SubmitRequest that json.awk has checked, or fails if a field has the wrong type. M7: of
# several fields of one name the last one wins. M1: other fields are ignored.
def text($name):
  .[0][$name] | if . == null then "" elif type == "string" then . else error("\($name) is not a string") end; # M2 to M4

[text("task_id"), text("task_description"), text("from_addr"), text("to_addr")]
| (.[1] | utf8bytelength) as $size
| if $size > 16384 then { task_id: .[0], status: 400, message: "the description is too long" } # S5
  else { task_id: .[0], status: 200, message: "accepted" } end # S1 to S4
