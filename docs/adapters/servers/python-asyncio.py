"""A conforming server of the task-submission protocol with a store, in Python's asyncio. It needs Python 3.9 or newer.

    python3 python-asyncio.py PORT DIR      listens on 127.0.0.1 and keeps its tasks in DIR

It is written from docs/protocol.md alone, and a comment names the clause that the code after it follows:
  T2, T3     one coroutine and one frame for each connection
  F1 to F8   the frame
  M1 to M11  the JSON reader of the standard library, made strict
  S1 to S9   SUBMIT           U1 to U4  STATUS_UPDATE           R1 to R6  SEND_RESULTS
  L1, L3     states and timeouts of the store (section 7)
It does not compute the reward (section 8) and does not execute tasks.
"""

import asyncio
import base64
import json
import os
import re
import struct
import sys
from datetime import datetime, timezone

SUBMIT, STATUS_UPDATE, SEND_RESULTS = 1, 3, 4  # F6
PAYLOAD_CAP = 16 * 1024 * 1024  # F2; all bounds are inclusive
DESCRIPTION_CAP = 16 * 1024  # S5
JUSTIFICATION_CAP = 4 * 1024  # U4
TEXT_CAP, FILENAME_CAP, FILE_CAP = 1024 * 1024, 256, 15 * 1024 * 1024  # R2
DEPTH_CAP = 10_000  # M11
TIMEOUT_SECONDS = 60  # L1
SWEEP_SECONDS = 10  # L4

EXTENSIONS = set(  # R4
    "md txt rtf docx pdf pptx pth pt onnx h5 pb ckpt safetensors bin csv parquet xlsx xls jpg jpeg png svg gif webp".split()
)
# R5: An id has no separator and no dot. It has no "_", so that no two tasks share a name <id>_<filename>; and no capital,
# so that no two ids are one on a file system that ignores case.
SAFE_ID = re.compile(r"[0-9a-z-]{1,64}")
SAFE_NAME = re.compile(r"(?![.])[^/\\:\x00-\x1f\x7f]+")
STORED_NAME_CAP = 255

# L1: the states that each state can reach. A submitter may miss updates in between. The other states are final.
REACHABLE = {
    "NEW": "NEW ACCEPTED EXECUTING COMPLETED SUCCEEDED DECLINED CANCELLED EXPIRED".split(),
    "ACCEPTED": "ACCEPTED EXECUTING COMPLETED SUCCEEDED EXPIRED".split(),
    "EXECUTING": "EXECUTING COMPLETED SUCCEEDED".split(),
    "COMPLETED": "COMPLETED SUCCEEDED".split(),
}


class Malformed(Exception):
    """The payload as a whole is refused."""


# --- messages (M1 to M11) ---------------------------------------------------------------------------------------------


class Number(str):
    """A number, kept as text: int() refuses thousands of digits, which are legal in an unknown field (M1)."""


class Integer(Number):
    """A number without fraction and exponent."""


def parse(payload):
    def refuse(constant):
        raise Malformed(f"{constant} is not JSON")  # M6: NaN and Infinity

    try:
        # M8: invalid UTF-8 is refused. M11: Python bounds the depth of its recursive reader by a RecursionError.
        text = payload.decode("utf-8")
        message = json.loads(text, parse_int=Integer, parse_float=Number, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if not isinstance(message, dict):
        raise Malformed("not an object")  # M6
    if depth(message) > DEPTH_CAP:
        raise Malformed("too many levels")  # M11
    return message


def depth(value):
    """The number of levels, found without recursion."""
    level, count = [value], 0
    while level:
        values = [child for parent in level for child in (parent.values() if isinstance(parent, dict) else parent)]
        level = [child for child in values if isinstance(child, (dict, list))]
        count += 1
    return count


def string(message, name):
    value = message.get(name)
    if value is None:
        return ""  # M2, M3
    if not isinstance(value, str) or isinstance(value, Number):
        raise Malformed(f"{name} is not a string")  # M4
    if re.search("[\ud800-\udfff]", value):
        raise Malformed(f"{name} has a lone surrogate")  # M8
    return value


def integer(message, name):
    value = message.get(name)
    if value is None:
        return 0  # M2, M3
    if not isinstance(value, Integer) or len(value) > 20 or not -(2**63) <= int(value) < 2**63:
        raise Malformed(f"{name} is not a 64-bit integer")  # M9
    return int(value)


def data(message, name):
    try:
        return base64.b64decode(re.sub(r"[\r\n]", "", string(message, name)), validate=True)  # M10
    except ValueError as error:
        raise Malformed(f"{name} is not base64") from error


def size(text):
    return len(text.encode("utf-8"))


# --- store (section 7) ------------------------------------------------------------------------------------------------

TASK_FIELDS = (
    "task_id task_description created_at status status_justification from to accepted_at staged_at execute_started_at "
    "completed_at time_idle_ms time_staged_ms time_cpu_ms result_type results"
).split()


def now():
    """The time as RFC 3339 in UTC (L3)."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def age(text):
    """The seconds since an RFC 3339 time; 0 for another text, so that nothing expires because of it."""
    try:
        return (datetime.now(timezone.utc) - datetime.fromisoformat(text.replace("Z", "+00:00"))).total_seconds()
    except (TypeError, ValueError):
        return 0


class Store:
    def __init__(self, root):
        self.root = root
        os.umask(0o077)
        for folder in ("received", "submitted", "results"):
            os.makedirs(self.path(folder), mode=0o700, exist_ok=True)

    def path(self, *names):
        return os.path.join(self.root, *names)

    def ids(self, side):
        return [name[: -len(".json")] for name in os.listdir(self.path(side)) if name.endswith(".json")]

    def load(self, side, task_id):
        """The task, or None for an id that is unknown or unsafe."""
        if not SAFE_ID.fullmatch(task_id):
            return None
        try:
            with open(self.path(side, task_id + ".json"), encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return None

    def save(self, side, task):
        ordered = {name: task[name] for name in TASK_FIELDS if name in task}  # M13
        text = json.dumps(ordered, indent=2, ensure_ascii=False)
        self.write(self.path(side, task["task_id"] + ".json"), text.encode("utf-8"))

    def write(self, path, content):
        """Replaces the file at once: a reader sees the old one or the new one, and the new one is on the disk (S9)."""
        temporary = os.path.join(os.path.dirname(path), f".{os.getpid()}.{os.urandom(6).hex()}")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)


def expire(task, side):
    """Applies the accept timeout to a received task and the stall timeout to a submitted one (L1)."""
    if side == "received" and task["status"] == "NEW":
        idle = age(task["created_at"])
        if idle > TIMEOUT_SECONDS:
            task.update(status="CANCELLED", accepted_at=now(), time_idle_ms=round(idle * 1000))  # L3
            return True
    elif side == "submitted" and task["status"] == "ACCEPTED" and age(task.get("accepted_at")) > TIMEOUT_SECONDS:
        task.update(status="EXPIRED")
        return True
    return False


# --- effect of each message -------------------------------------------------------------------------------------------


def submit(store, message):
    """Stores the task; returns the fields of the answer (S2 to S4)."""
    task_id, description = string(message, "task_id"), string(message, "task_description")
    sender, receiver = string(message, "from_addr"), string(message, "to_addr")
    if size(description) > DESCRIPTION_CAP:
        return task_id, 400, "the description is too long"  # S5
    if not SAFE_ID.fullmatch(task_id):
        return task_id, 400, "the task id cannot be stored"  # R5, S7
    if store.load("received", task_id) is not None:
        return task_id, 400, "the task id is known"  # S7
    task = {
        "task_id": task_id,
        "task_description": description,
        "created_at": now(),
        "status": "NEW",
        "status_justification": "",
        "from": sender,
        "to": receiver,
    }
    store.save("received", task)
    return task_id, 200, "accepted"


def status_update(store, message):
    task_id, status = string(message, "task_id"), string(message, "status")
    justification = string(message, "justification")
    task = store.load("submitted", task_id)
    if task is None or size(justification) > JUSTIFICATION_CAP:
        return  # U2, U4
    if status not in REACHABLE.get(task["status"], ()):
        return  # L1
    task.update(status=status, status_justification=justification)  # U2
    if status == "ACCEPTED" and not task.get("accepted_at"):
        task["accepted_at"] = now()  # U3
    store.save("submitted", task)


def send_results(store, message):
    task_id, result_type = string(message, "task_id"), string(message, "result_type")
    text, name, content = string(message, "result_text"), string(message, "filename"), data(message, "file_data")
    string(message, "completed_at")  # M4
    times = {field: integer(message, field) for field in ("time_idle_ms", "time_staged_ms", "time_cpu_ms")}
    if size(text) > TEXT_CAP or size(name) > FILENAME_CAP or len(content) > FILE_CAP:
        return  # R2
    task = store.load("submitted", task_id)
    if task is None or "SUCCEEDED" not in REACHABLE.get(task["status"], ()):
        return  # L1
    if result_type == "file" and content:
        extension = name.rpartition(".")[2].lower() if "." in name else ""
        stored, results = f"{task_id}_{name}", name
        if extension not in EXTENSIONS or not SAFE_NAME.fullmatch(name) or size(stored) > STORED_NAME_CAP:
            return  # R4, R5
    elif result_type in ("text", "file"):
        result_type = "text"  # R6: a file without data is a text.
        stored, results, content = f"{task_id}_result.txt", text, text.encode("utf-8")
    else:
        return
    store.write(store.path("results", stored), content)  # R6: the result first, then the task
    task.update({field: value for field, value in times.items() if value})
    task.update(status="SUCCEEDED", completed_at=now(), result_type=result_type, results=results)
    store.save("submitted", task)


# --- connections ------------------------------------------------------------------------------------------------------


async def serve(store, reader, writer):
    """Serves one frame, and closes (T2)."""
    try:
        message_type, length = struct.unpack(">II", await reader.readexactly(8))  # F1
        if length > PAYLOAD_CAP or message_type not in (SUBMIT, STATUS_UPDATE, SEND_RESULTS):
            return  # F2, F7: the payload stays unread.
        payload = await reader.readexactly(length)
        message = await asyncio.to_thread(parse, payload)  # T3: a long payload does not delay other peers.
        if message_type == SUBMIT:
            task_id, status, text = submit(store, message)
            answer = json.dumps({"task_id": task_id, "status": status, "message": text}, ensure_ascii=False).encode()
            if len(answer) <= PAYLOAD_CAP:
                writer.write(struct.pack(">II", SUBMIT, len(answer)) + answer)  # S1
                await writer.drain()
        elif message_type == STATUS_UPDATE:
            status_update(store, message)  # U1: no answer
        else:
            send_results(store, message)  # R1: no answer
    except (Malformed, asyncio.IncompleteReadError, ConnectionError):
        pass  # S6, F4, T5: no answer
    finally:
        writer.close()


async def sweep(store):
    while True:
        await asyncio.sleep(SWEEP_SECONDS)  # L4
        for side in ("received", "submitted"):
            for task_id in store.ids(side):
                task = store.load(side, task_id)
                if task is not None and expire(task, side):
                    store.save(side, task)


async def main():
    store = Store(sys.argv[2])
    server = await asyncio.start_server(lambda r, w: serve(store, r, w), "127.0.0.1", int(sys.argv[1]), backlog=512)
    async with server:
        await asyncio.gather(server.serve_forever(), sweep(store))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python-asyncio.py PORT DIR")
    asyncio.run(main())
