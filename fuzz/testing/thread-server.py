"""
A server in Python with a thread for each connection. A frame of type 99 ends its thread by an exception; the others serve on.
One of type 98 ends the process without a word, after its thread has computed for half a second. With the argument single, one
thread serves all, and an exception ends the process. With the argument logging, each SUBMIT is answered after a handled exception
was logged.
"""

import json
import os
import socket
import struct
import sys
import threading
import time
import traceback


MODE = sys.argv[2] if len(sys.argv) > 2 else "threads"


def log_exception():
    try:
        raise ValueError("no audit log")
    except ValueError:
        traceback.print_exc()


def serve(peer):
    with peer:
        header = peer.recv(8, socket.MSG_WAITALL)
        if len(header) < 8:
            return
        kind, length = struct.unpack(">II", header)
        payload = peer.recv(length, socket.MSG_WAITALL)
        if kind == 99:
            raise ValueError("type 99")
        if kind == 98:
            while time.thread_time() < 0.5:
                pass
            os._exit(1)
        if kind == 1:
            if MODE == "logging":
                log_exception()
            answer = {"task_id": json.loads(payload)["task_id"], "status": 200, "message": "accepted"}
            body = json.dumps(answer).encode()
            peer.sendall(struct.pack(">II", 1, len(body)) + body)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    peer = listener.accept()[0]
    if MODE == "single":
        serve(peer)
    else:
        threading.Thread(target=serve, args=(peer,), daemon=True).start()
