"""A conforming client with asyncio, for tests that plant faults in it."""

import asyncio
import base64
import json
import os
import secrets

ALLOWED = set(
    "md txt rtf docx pdf pptx pth pt onnx h5 pb ckpt safetensors bin csv parquet xlsx xls jpg jpeg png svg gif webp".split()
)
MAX_PAYLOAD = 16 * 1024 * 1024
TYPE = {"submit": 1, "update": 3, "results": 4}


class NotAllowed(Exception):
    """Nothing may be sent."""


class ProtocolError(Exception):
    """The server did not keep to the protocol."""


def size_of(text):
    return len(text.encode("utf-8"))


def validate(action, fields):
    if action == "submit" and size_of(fields["task_description"]) > 16_384:
        raise NotAllowed("description")
    if action == "update" and size_of(fields.get("justification", "")) > 4_096:
        raise NotAllowed("justification")
    if action == "results":
        if size_of(fields.get("result_text", "")) > 1_048_576:
            raise NotAllowed("text")
        if len(base64.b64decode(fields.get("file_data", ""))) > 15_728_640:
            raise NotAllowed("file")
        if fields.get("result_type") == "file":
            validate_name(fields["filename"])


def validate_name(name):
    if size_of(name) > 256:
        raise NotAllowed("file name")
    stem, dot, extension = name.rpartition(".")
    if not dot or extension.lower() not in ALLOWED:
        raise NotAllowed("extension")


def make_id():
    digits = secrets.token_hex(16)
    return "-".join((digits[0:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def build_frame(action, fields):
    payload = json.dumps(fields, ensure_ascii=False, indent=1 if len(fields) < 5 else None).encode("utf-8")
    if len(payload) > MAX_PAYLOAD:
        raise NotAllowed("message")
    return TYPE[action].to_bytes(4, "big") + len(payload).to_bytes(4, "big") + payload


async def read_frame(reader):
    header = await reader.readexactly(8)
    length = int.from_bytes(header[4:], "big")
    if length > MAX_PAYLOAD:
        raise ProtocolError("too long")
    return int.from_bytes(header[:4], "big"), await reader.readexactly(length)


def decide(kind, payload, sent_id):
    if kind not in (1, 2):
        raise ProtocolError(f"type {kind}")
    answer = json.loads(payload.decode("utf-8", "replace"))
    if not isinstance(answer, dict):
        raise ProtocolError("no object")
    status = answer.get("status", 0)
    message = answer.get("message") or ""
    if type(status) is not int or not isinstance(message, str):
        raise ProtocolError("wrong types")
    if answer.get("task_id") != sent_id:
        raise ProtocolError("other task")
    if status == 200:
        outcome = "accepted"
    elif status == 400:
        outcome = "rejected"
    else:
        raise ProtocolError(f"status {status}")
    return {"outcome": outcome, "task_id": sent_id, "message": message}


async def exchange(action, frame, fields):
    reader, writer = await asyncio.open_connection(os.environ["CONFORM_HOST"], int(os.environ["CONFORM_PORT"]))
    writer.transport.set_write_buffer_limits(high=0)  # So that drain waits for all.
    writer.write(frame)
    await writer.drain()
    if action == "submit":
        return decide(*await read_frame(reader), fields["task_id"])
    writer.write_eof()
    try:
        # The server closes when it has read all.
        while await asyncio.wait_for(reader.read(65536), 0.2):
            pass
    except asyncio.TimeoutError:
        pass
    return {"outcome": "sent", "task_id": fields["task_id"]}


async def run():
    action = os.environ["CONFORM_ACTION"]
    with open(os.environ["CONFORM_MESSAGE"], encoding="utf-8") as file:
        fields = json.load(file)
    if action == "submit":
        fields = {**fields, "task_id": make_id()}
    try:
        validate(action, fields)
        frame = build_frame(action, fields)
    except NotAllowed as error:
        return {"outcome": "refused", "message": str(error)}
    try:
        timeout = int(os.environ["CONFORM_TIMEOUT_MS"]) / 1000
        return await asyncio.wait_for(exchange(action, frame, fields), timeout)
    except (OSError, EOFError, ValueError, RecursionError, ProtocolError, asyncio.TimeoutError) as error:
        return {"outcome": "error", "message": f"{type(error).__name__} {error}"}


print(json.dumps(asyncio.run(run())))
