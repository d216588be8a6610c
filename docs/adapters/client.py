"""A client of the task-submission protocol with the interface of `conform client`. Python 3.9, standard library only.

It reads CONFORM_HOST, CONFORM_PORT, CONFORM_ACTION, CONFORM_MESSAGE and CONFORM_TIMEOUT_MS, does one thing, and prints one
line of JSON. To judge a client of your own, keep `main` and replace `act` by calls of your library.
"""

import base64
import json
import os
import secrets
import socket
import struct
import time

CAP = 16 * 1024 * 1024
BOUNDS = {"task_description": 16384, "justification": 4096, "result_text": 1024 * 1024, "filename": 256}
ALLOWED = set(
    ".md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls "
    ".jpg .jpeg .png .svg .gif .webp".split()
)
TYPES = {"submit": 1, "update": 3, "results": 4}


class Refused(Exception):
    """The message must not be sent."""


def check(message):
    for name, bound in BOUNDS.items():
        if len(message.get(name, "").encode("utf-8", "replace")) > bound:
            raise Refused(f"{name} exceeds {bound} bytes")
    if len(base64.b64decode(message.get("file_data", ""))) > 15 * 1024 * 1024:
        raise Refused("file_data exceeds 15 MiB")
    name = message.get("filename", "")
    dot = name.rfind(".")
    if name and (dot < 0 or name[dot:].lower() not in ALLOWED):
        raise Refused("the extension of the file is not allowed")


def task_id():
    digits = secrets.token_hex(16)
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


class Connection:
    """A socket with one time limit for all that happens on it."""

    def __init__(self, host, port, seconds):
        self.end = time.monotonic() + seconds
        self.socket = socket.create_connection((host, port), timeout=seconds)

    def limit(self):
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is over")
        self.socket.settimeout(left)

    def send(self, data):
        view = memoryview(data)
        while view:
            self.limit()
            view = view[self.socket.send(view[: 1 << 20]) :]

    def read(self, count):
        data = bytearray()
        while len(data) < count:
            self.limit()
            part = self.socket.recv(min(count - len(data), 1 << 16))
            if not part:
                raise EOFError("the server closed inside its answer")
            data += part
        return bytes(data)

    def wait_for_close(self, seconds):
        """After an update or results. A reset means that not all has arrived."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(1 << 16):
                pass
        except TimeoutError:
            pass


def only_object(pairs_text):
    value = json.loads(pairs_text)
    if not isinstance(value, dict):
        raise ValueError("the answer is no object")
    return value


def answer_of(connection, sent_id):
    kind, length = struct.unpack(">II", connection.read(8))
    if length > CAP:
        raise ValueError("the answer is longer than a frame may be")
    answer = only_object(connection.read(length).decode("utf-8", "replace"))
    if kind not in (1, 2):
        raise ValueError(f"type {kind} is no answer")
    status, message = answer.get("status"), answer.get("message")
    if type(status) is not int or status not in (200, 400):
        raise ValueError("the answer has no status")
    if answer.get("task_id") != sent_id:
        raise ValueError("the answer is about another task")
    if not isinstance(message, (str, type(None))):
        raise ValueError("the message is no text")
    outcome = "accepted" if status == 200 else "rejected"
    return {"outcome": outcome, "task_id": sent_id, "message": message or ""}


def act(host, port, action, message, seconds):
    if action == "submit":
        message = {"task_id": task_id(), **message}
    check(message)
    payload = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if len(payload) > CAP:
        raise Refused("the message does not fit a frame")
    connection = Connection(host, port, seconds)
    connection.send(struct.pack(">II", TYPES[action], len(payload)) + payload)
    if action == "submit":
        return answer_of(connection, message["task_id"])
    connection.wait_for_close(min(seconds, 0.25))
    return {"outcome": "sent", "task_id": message["task_id"]}


def main():
    env = os.environ
    try:
        with open(env["CONFORM_MESSAGE"], encoding="utf-8") as file:
            message = json.load(file)
        seconds = int(env["CONFORM_TIMEOUT_MS"]) / 1000
        line = act(env["CONFORM_HOST"], int(env["CONFORM_PORT"]), env["CONFORM_ACTION"], message, seconds)
    except Refused as error:
        line = {"outcome": "refused", "message": str(error)}
    except (OSError, EOFError, ValueError, RecursionError) as error:
        line = {"outcome": "error", "message": f"{type(error).__name__}: {error}"}
    print(json.dumps(line))


main()
