"""Makes the library of docs/adapters/adapter.py strict, as types for times and enumerations do. Its text goes to the end of the library."""

def is_time(text):
    try:
        parse_time(text)
        return True
    except ValueError:
        return False


def one_of(*words):
    return lambda found: found in words


STATE = one_of("NEW", "ACCEPTED", "DECLINED", "EXECUTING", "COMPLETED", "SUCCEEDED", "CANCELLED", "EXPIRED")
FORM = one_of("text", "file")
ALWAYS = ("created_at", "status")
FORMATS = {
    "SubmitRequest": {},
    "SubmitResponse": {"status": one_of(200, 400)},
    "TaskResult": {"status": one_of("success", "error"), "timestamp": is_time},
    "TaskStatusUpdate": {"status": STATE},
    "TaskResultMessage": {
        "result_type": FORM,
        "filename": lambda name: extension_of(name) in ALLOWED and not any(c in name for c in "/\\\0"),
        "completed_at": is_time,
    },
    "TaskFile": {
        "created_at": is_time, "status": STATE, "accepted_at": is_time, "staged_at": is_time,
        "execute_started_at": is_time, "completed_at": is_time, "result_type": FORM,
    },
}


def check(message, value, needed=()):
    for name, is_legal in FORMATS[message].items():
        found = value.get(name)
        if found is None and name not in needed:
            continue
        if not is_legal(found or ""):
            raise ValueError(name + " is not legal")
        if is_legal is is_time:
            value[name] = format_time(*parse_time(found))


def optional_removed(message, value):
    empty = [name for name, kind, optional in fields_of(message) if optional and value.get(name) == ZERO[kind]]
    return {name: found for name, found in value.items() if name not in empty}


lenient = {"decode": decode, "encode": encode, "marshal": marshal_task_file, "validate": validate}


def decode(message, payload):
    value = lenient["decode"](message, payload)
    given = {name: value[name] for name, found in (read_json(payload) or {}).items() if name in value and found is not None}
    check(message, given, ALWAYS if message == "TaskFile" else ())
    return {**value, **given}


def encode(message, value):
    value = optional_removed(message, value)
    check(message, value, [name for name, _, optional in fields_of(message) if not optional])
    return lenient["encode"](message, value)


def marshal_task_file(value):
    value = optional_removed("TaskFile", value)
    check("TaskFile", value, ALWAYS)
    return lenient["marshal"](value)


def validate(message, value):
    try:
        value = optional_removed(message, value)
        check(message, value, [name for name, _, optional in fields_of(message) if not optional])
    except ValueError:
        return False
    return lenient["validate"](message, value)
