"""A conforming client with blocking sockets, for tests that plant faults in it."""

import base64
import json
import os
import socket
import struct
import sys
import time
import uuid

HEADER = ">II"
MAX_FRAME = 16 << 20
SUBMIT, STATUS_UPDATE, SEND_RESULTS = 1, 3, 4
LIMITS = {"task_description": 16384, "justification": 4096, "result_text": 1 << 20, "filename": 256}
EXTENSIONS = (
    ".md", ".txt", ".rtf", ".docx", ".pdf", ".pptx", ".pth", ".pt", ".onnx", ".h5", ".pb", ".ckpt", ".safetensors",
    ".bin", ".csv", ".parquet", ".xlsx", ".xls", ".jpg", ".jpeg", ".png", ".svg", ".gif", ".webp",
)  # fmt: skip


class Refused(Exception):
    pass


class TaskClient:
    def __init__(self, host, port, timeout):
        self.address = (host, port)
        self.timeout = timeout
        self.deadline = time.monotonic() + timeout

    def check(self, message):
        for name, limit in LIMITS.items():
            if len(message.get(name, "").encode()) > limit:
                raise Refused(f"{name} is too long")
        if len(base64.b64decode(message.get("file_data", ""))) > 15 << 20:
            raise Refused("file_data is too long")

    def check_extension(self, message):
        if "filename" in message and not message["filename"].lower().endswith(EXTENSIONS):
            raise Refused("files with this extension are not sent")

    def encode(self, kind, message):
        text = json.dumps(message, ensure_ascii=False)
        payload = text.encode("utf-8")
        if len(payload) > MAX_FRAME:
            raise Refused("the frame is too large")
        return struct.pack(HEADER, kind, len(payload)) + payload

    def remaining(self):
        return max(0.001, self.deadline - time.monotonic())

    def connect(self):
        self.sock = socket.create_connection(self.address, self.timeout)

    def send(self, frame):
        self.sock.settimeout(self.remaining())
        self.sock.sendall(frame)

    def read_exactly(self, size):
        data = bytearray()
        while len(data) < size:
            self.sock.settimeout(self.remaining())
            part = self.sock.recv(min(65536, size - len(data)))
            if not part:
                raise ConnectionError("connection closed by the server")
            data.extend(part)
        return bytes(data)

    def read_answer(self):
        kind, size = struct.unpack(HEADER, self.read_exactly(8))
        if size > MAX_FRAME:
            raise ValueError("the answer is too large")
        payload = self.read_exactly(size)
        if kind not in (1, 2):
            raise ValueError("unexpected frame")
        return json.loads(payload.decode("utf-8", "replace"))

    def wait_for_close(self):
        self.sock.settimeout(0.2)
        try:
            while self.sock.recv(4096):
                pass
        except TimeoutError:
            pass

    def submit(self, message):
        task_id = new_id()
        message = {"task_id": task_id, **message}
        self.check(message)
        frame = self.encode(SUBMIT, message)
        self.connect()
        self.send(frame)
        answer = self.read_answer()
        if answer["task_id"] != task_id:
            raise ValueError("answer for another task")
        status, text = answer.get("status"), answer.get("message") or ""
        if type(status) is not int or not isinstance(text, str):
            raise TypeError("malformed answer")
        if status == 200:
            return {"outcome": "accepted", "task_id": task_id, "message": text}
        if status == 400:
            return {"outcome": "rejected", "task_id": task_id, "message": text}
        raise ValueError(f"unexpected status {status}")

    def deliver(self, kind, message):
        self.check(message)
        self.check_extension(message)
        frame = self.encode(kind, message)
        self.connect()
        self.send(frame)
        self.wait_for_close()
        return {"outcome": "sent", "task_id": message["task_id"]}


def new_id():
    return str(uuid.uuid4())


def main():
    with open(os.environ["CONFORM_MESSAGE"], encoding="utf-8") as file:
        message = json.load(file)
    timeout = int(os.environ["CONFORM_TIMEOUT_MS"]) / 1000
    client = TaskClient(os.environ["CONFORM_HOST"], int(os.environ["CONFORM_PORT"]), timeout)
    action = os.environ["CONFORM_ACTION"]
    try:
        if action == "submit":
            result = client.submit(message)
        else:
            result = client.deliver(STATUS_UPDATE if action == "update" else SEND_RESULTS, message)
    except Refused as error:
        result = {"outcome": "refused", "message": str(error)}
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        result = {"outcome": "error", "message": repr(error)}
    print(json.dumps(result))


sys.exit(main())
