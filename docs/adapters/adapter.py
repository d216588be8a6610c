#!/usr/bin/env python3
"""A small library of the task-submission protocol, and an adapter that lets conform judge it.

    conform library --exec 'python3 adapter.py'

Standard library only, Python 3.9 or later. The first part is the library. To judge your own, keep the second part, and let its
functions call your code.
"""

import base64
import binascii
import json
import math
import os
import re
import sys

# --- The library ------------------------------------------------------------------------------------------------------------

MAX_PAYLOAD = 16 * 1024 * 1024
MAX_DEPTH = 10000
INT64 = range(-(2**63), 2**63)
TIMES = " time_idle_ms?:int time_staged_ms?:int time_cpu_ms?:int"

# A question mark: the field is left out when it is empty.
MESSAGES = {
    "SubmitRequest": (1, "task_id task_description from_addr to_addr"),
    "SubmitResponse": (1, "task_id status:int message"),
    "TaskResult": (2, "task_description status result:any error? timestamp"),
    "TaskStatusUpdate": (3, "task_id status justification"),
    "TaskResultMessage": (4, "task_id result_type result_text? filename? file_data?:bytes completed_at" + TIMES),
    "TaskFile": (0, "task_id task_description created_at status status_justification from to accepted_at? staged_at?"
                    " execute_started_at? completed_at?" + TIMES + " result_type? results?"),
}
ZERO = {"str": "", "int": 0, "bytes": b"", "any": None}
TYPE_NAMES = {1: "SUBMIT", 2: "RESULT", 3: "STATUS_UPDATE", 4: "SEND_RESULTS"}

BOUNDS = {  # bytes, inclusive
    "SubmitRequest": {"task_description": 16384},
    "TaskStatusUpdate": {"justification": 4096},
    "TaskResultMessage": {"result_text": 1024 * 1024, "filename": 256, "file_data": 15 * 1024 * 1024},
}

ALLOWED = set(".md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls .jpg .jpeg"
              " .png .svg .gif .webp".split())
FORBIDDEN = set(".go .py .js .ts .java .c .cpp .h .hpp .rs .rb .php .swift .kt .scala .sh .bash .zsh .ps1 .bat .cmd .sql .r .lua"
                " .pl .pm .ex .exs .clj .hs .ml .fs .cs .vb .dart".split())


def fields_of(message):
    """(name, kind, optional) of each field, in the documented order."""
    for field in MESSAGES[message][1].split():
        name, _, kind = field.partition(":")
        yield name.rstrip("?"), kind or "str", name.endswith("?")


class Fraction(float):
    """A number that was written with a fraction or an exponent."""


def refuse(text):
    raise ValueError(text + " is no JSON")


def well_formed(text):
    """Lone surrogates become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def depth_of(text):
    """The most containers inside each other. Strings are left out first."""
    depth = deepest = 0
    for bracket in re.findall(r"[][{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def read_json(payload):
    text = payload.decode("utf-8")
    if text.count("[") + text.count("{") > MAX_DEPTH and depth_of(text) > MAX_DEPTH:
        raise ValueError("too deep")
    return json.loads(text, parse_float=Fraction, parse_constant=refuse)


def decode(message, payload):
    """The fields of a message as a dictionary. Raises ValueError."""
    given = read_json(payload)
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise ValueError("a message is an object")
    value = {}
    for name, kind, optional in fields_of(message):
        found = given.get(name)
        value[name] = ZERO[kind] if found is None else read_field(name, kind, found)
    return value


def read_field(name, kind, found):
    if kind == "any":
        json.dumps(found, allow_nan=False)  # Refuses numbers that a double cannot hold.
        return found
    if type(found) is not (int if kind == "int" else str):
        raise ValueError(f"{name} has the wrong type")
    if kind == "int":
        if found not in INT64:
            raise ValueError(f"{name} is out of range")
        return found
    if kind == "bytes":
        return read_base64(found)
    return well_formed(found)


def read_base64(text):
    if not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text) or len(text) % 4 != 0:
        raise ValueError("no standard base64 with padding")
    return base64.b64decode(text)


ESCAPES = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def write_string(text):
    def escape(match):
        character = match.group()
        return ESCAPES.get(character) or f"\\u{ord(character):04x}"
    text = text.encode("utf-8", "replace").decode("utf-8")
    return '"' + re.sub('[\x00-\x1f"\\\\<>&\u2028\u2029]', escape, text) + '"'


def write_json(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return write_string(value)
    if isinstance(value, (int, float)):
        return write_number(float(value))
    if isinstance(value, list):
        return "[" + ",".join(write_json(item) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-8", "replace"))
    return "{" + ",".join(write_string(name) + ":" + write_json(value[name]) for name in names) + "}"


def write_number(number):
    """The fewest digits, with an exponent from 1e21 on and below 1e-6."""
    size = abs(number)
    if size != 0 and (size < 1e-6 or size >= 1e21):
        mantissa, _, exponent = repr(number).partition("e")
        if not exponent:
            mantissa, _, exponent = f"{number:e}".partition("e")
        mantissa = mantissa[:-2] if mantissa.endswith(".0") else mantissa
        sign = "-" if exponent.startswith("-") else "+"
        return f"{mantissa}e{sign}{exponent.lstrip('+-').zfill(2) if sign == '+' else exponent.lstrip('+-').lstrip('0')}"
    text = repr(number)
    if "e" in text:
        text = format(number, ".20f") if size < 1 else format(int(number), "d")
        text = text.rstrip("0") if "." in text else text
    return text[:-2] if text.endswith(".0") else text


def members(message, value):
    for name, kind, optional in fields_of(message):
        found = value.get(name, ZERO[kind])
        if optional and found == ZERO[kind]:
            continue
        if kind == "bytes":
            yield name, write_string(base64.b64encode(found).decode())
        elif kind == "int":
            yield name, str(found)
        else:
            yield name, write_json(found)


def encode(message, value):
    payload = ("{" + ",".join(f'"{name}":{text}' for name, text in members(message, value)) + "}").encode()
    if len(payload) > MAX_PAYLOAD:
        raise ValueError("the payload is too large for a frame")
    return MESSAGES[message][0].to_bytes(4, "big") + len(payload).to_bytes(4, "big") + payload


def marshal_task_file(value):
    return "{\n" + ",\n".join(f'  "{name}": {text}' for name, text in members("TaskFile", value)) + "\n}"


def read_frames(stream, at_end):
    """(frames, error): the whole frames, and what follows them."""
    frames, at = [], 0
    while len(stream) - at >= 8:
        kind = int.from_bytes(stream[at:at + 4], "big")
        length = int.from_bytes(stream[at + 4:at + 8], "big")
        if length > MAX_PAYLOAD:
            return frames, "too-large"
        if len(stream) - at - 8 < length:
            break
        frames.append((kind, stream[at + 8:at + 8 + length]))
        at += 8 + length
    is_truncated = at_end and at < len(stream)
    return frames, "truncated" if is_truncated else None


def type_name(kind):
    return TYPE_NAMES.get(kind, f"UNKNOWN({kind})")


def size_of(found):
    return len(found if isinstance(found, bytes) else found.encode("utf-8", "replace"))


def validate(message, value):
    return all(size_of(value.get(name, "")) <= bound for name, bound in BOUNDS.get(message, {}).items())


def extension_of(filename):
    dot = filename.rfind(".")
    return "" if dot < 0 else filename[dot:].lower()


TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def parse_time(text):
    """(seconds since 1970, nanosecond). Raises ValueError."""
    match = TIME.fullmatch(text)
    if not match:
        raise ValueError("not RFC 3339")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, offset_hour, offset_minute = match.groups()[6:]
    if not 1 <= month <= 12:
        raise ValueError("no such month")
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= MONTH_DAYS[month - 1] + (1 if month == 2 and is_leap else 0):
        raise ValueError("no such day")
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("no such time of day")
    offset = 0
    if sign:
        if int(offset_hour) > 23 or int(offset_minute) > 59:
            raise ValueError("no such offset")
        offset = (int(offset_hour) * 60 + int(offset_minute)) * 60 * (1 if sign == "+" else -1)
    seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
    return seconds, int((fraction or "0")[:9].ljust(9, "0"))


def days_since_1970(year, month, day):
    """Of the Gregorian calendar, for any year. Years begin in March, so that the leap day is the last one."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def format_time(seconds, nanosecond):
    days, second = divmod(seconds, 86400)
    year = 1970 + days // 366
    while days_since_1970(year + 1, 1, 1) <= days:
        year += 1
    month = 12
    while days_since_1970(year, month, 1) > days:
        month -= 1
    day = days - days_since_1970(year, month, 1) + 1
    fraction = f".{nanosecond:09}".rstrip("0").rstrip(".")
    return f"{year:04}-{month:02}-{day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{fraction}Z"


def milliseconds_between(since, now):
    return ((now[0] - since[0]) * 10**9 + now[1] - since[1]) // 10**6


def is_over(text, bound_s, now):
    """Whether more than the bound has passed. Not for a time that is missing or malformed."""
    try:
        since = parse_time(text)
    except ValueError:
        return False
    return (now[0] - since[0]) * 10**9 + now[1] - since[1] > bound_s * 10**9


def expiry(task, now):
    accepted = task["status"] == "ACCEPTED"
    return {
        "accept": task["status"] == "NEW" and is_over(task["created_at"], 60, now),
        "queue": accepted and is_over(task["staged_at"], 3600, now),
        "stalled": accepted and is_over(task["accepted_at"], 60, now),
    }


def penalty(ms, scale_ms):
    """By the documented reading (P2)."""
    return min(max(0, ms) / scale_ms, 0.3)


def polo(idle, staged, cpu):
    cpu_minutes = cpu / 60000
    cpu_bonus = math.log2(1 + cpu_minutes)
    idle_factor = penalty(idle, 60000)
    staged_factor = penalty(staged, 600000)
    multiplier = max(0.4, 1 - idle_factor - staged_factor)
    raw = (1 + cpu_bonus) * multiplier
    return {
        "base": 1,
        "cpu_bonus": cpu_bonus,
        "cpu_minutes": cpu_minutes,
        "idle_factor": idle_factor,
        "staged_factor": staged_factor,
        "efficiency_multiplier": multiplier,
        "raw_reward": raw,
        "final_reward": max(1, math.floor(raw + 0.5)),
    }


def generate_task_id():
    digits = os.urandom(16).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# --- The adapter ------------------------------------------------------------------------------------------------------------


def from_pipe(message, value, repeat=None):
    """A value of a request as the library has it."""
    fields = {name: kind for name, kind, _ in fields_of(message)}
    value = {name: from_mark(fields[name], found) for name, found in value.items()}
    if repeat:
        name, text = repeat["field"], repeat["text"] * repeat["count"]
        value[name] = text.encode() if fields[name] == "bytes" else text
    return value


def from_mark(kind, found):
    if kind == "any":
        return found
    if isinstance(found, dict):
        if "int64" in found:
            return int(found["int64"])
        if "utf8_hex" in found:
            return bytes.fromhex(found["utf8_hex"]).decode("utf-8", "replace")
    return base64.b64decode(found) if kind == "bytes" else found


def to_pipe(message, value):
    """A value of the library as an answer has it. What is zero may be left out."""
    shown = {}
    for name, kind, _ in fields_of(message):
        found = value.get(name, ZERO[kind])
        if kind == "bytes":
            found = base64.b64encode(found).decode()
        elif kind == "int" and abs(found) >= 2**53:
            found = {"int64": str(found)}
        shown[name] = found
    return shown


def task_from(args):
    task = {name: ZERO[kind] for name, kind, _ in fields_of("TaskFile")}
    task.update(from_pipe("TaskFile", args["task"]))
    return task


def op_hello(args):
    return {"name": "adapter.py", "version": "1", "language": "Python", "clock": True, "ops": sorted(OPS)}


def op_encode(args):
    return {"frame_hex": encode(args["message"], from_pipe(args["message"], args["value"], args.get("repeat"))).hex()}


def op_decode(args):
    return to_pipe(args["message"], decode(args["message"], base64.b64decode(args["payload_base64"])))


def op_read_frames(args):
    stream = b"".join(base64.b64decode(chunk) for chunk in args["chunks_base64"])
    frames, error = read_frames(stream, args["eof"])
    shown = [{"type": kind, "payload_base64": base64.b64encode(payload).decode()} for kind, payload in frames]
    return {"frames": shown, **({"error": error} if error else {})}


def op_validate(args):
    return {"valid": validate(args["message"], from_pipe(args["message"], args["value"], args.get("repeat")))}


def op_marshal_task_file(args):
    return {"text": marshal_task_file(task_from(args))}


def op_unmarshal_task_file(args):
    return to_pipe("TaskFile", decode("TaskFile", base64.b64decode(args["text_base64"])))


def op_new_task_file(args):
    created_at = format_time(*parse_time(args["now"]))
    names = ("task_id", "task_description", "from", "to")
    task = {"created_at": created_at, "status": "NEW", "status_justification": "A new task"}
    return to_pipe("TaskFile", {**task, **{name: args[name] for name in names}})


def op_parse_time(args):
    seconds, nanosecond = parse_time(args["text"])
    return {"unix_ms": seconds * 1000 + nanosecond // 10**6, "nanosecond": nanosecond}


def op_expiry(args):
    return expiry(task_from(args), parse_time(args["now"]))


SINCE = {"idle": "created_at", "staged": "staged_at", "cpu": "execute_started_at", "creation": "created_at"}


def op_calculate(args):
    task = task_from(args)
    task[f"time_{args['what']}_ms"] = milliseconds_between(parse_time(task[SINCE[args["what"]]]), parse_time(args["now"]))
    return to_pipe("TaskFile", task)


def op_since(args):
    return {"ms": milliseconds_between(parse_time(task_from(args)[SINCE[args["what"]]]), parse_time(args["now"]))}


def op_extension(args):
    extension = extension_of(args["filename"])
    return {"allowed": extension in ALLOWED, "forbidden": extension in FORBIDDEN}


OPS = {
    "encode": op_encode,
    "decode": op_decode,
    "read_frames": op_read_frames,
    "type_name": lambda args: type_name(args["type"]),
    "validate": op_validate,
    "marshal_task_file": op_marshal_task_file,
    "unmarshal_task_file": op_unmarshal_task_file,
    "new_task_file": op_new_task_file,
    "parse_time": op_parse_time,
    "expiry": op_expiry,
    "calculate": op_calculate,
    "since": op_since,
    "polo": lambda args: polo(args["time_idle_ms"], args["time_staged_ms"], args["time_cpu_ms"]),
    "generate_task_id": lambda args: {"ids": [generate_task_id() for _ in range(args["count"])]},
    "extension": op_extension,
}


def answer(request):
    op = op_hello if request["op"] == "hello" else OPS.get(request["op"])
    if op is None:
        return {"unsupported": True}
    try:
        return {"ok": True, "value": op(request["args"])}
    except (ValueError, RecursionError, binascii.Error) as error:
        return {"ok": False, "error": str(error)}


def main():
    sys.setrecursionlimit(2 * MAX_DEPTH)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        sys.stdout.write(json.dumps({"id": request["id"], **answer(request)}, allow_nan=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
