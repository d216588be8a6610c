/** Faults of the client with blocking sockets. */

import type { PlantedFault } from './planted.ts';

const HALF_CLOSES = [
  '        self.sock.sendall(frame)\n',
  '        self.sock.sendall(frame)\n        self.sock.shutdown(socket.SHUT_WR)\n',
] as const;

export const faultsOfSockets: readonly PlantedFault[] = [
  {
    what: 'writes and reads headers in little-endian order',
    program: 'sockets.py',
    edits: [['HEADER = ">II"', 'HEADER = "<II"']],
    cause: 'the header is not big-endian',
    shows: ['client-sending/submit-header', 'client-sending/update-frame', 'client-sending/results-frame'],
  },
  {
    what: 'takes one read for all that it waits for',
    program: 'sockets.py',
    edits: [
      [
        '            data.extend(part)\n        return bytes(data)',
        '            data.extend(part)\n            break\n        return bytes(data)',
      ],
    ],
    cause: 'the client does not read an answer in several segments as in one',
    shows: ['client-reading/byte-by-byte', 'client-reading/split-inside-*', 'client-bad-server/truncated-*'],
  },
  {
    what: 'does not compare the length of an answer with the cap',
    program: 'sockets.py',
    edits: [['        if size > MAX_FRAME:\n', '        if size > 0xFFFFFFFF:\n']],
    cause: 'the client does not refuse an answer over the cap of 16 MiB',
    shows: ['client-bad-server/over-cap*'],
  },
  {
    what: 'checks the extension of a file after it has sent the file',
    program: 'sockets.py',
    edits: [
      ['        self.check_extension(message)\n', ''],
      [
        '        self.wait_for_close()\n        return',
        '        self.check_extension(message)\n        self.wait_for_close()\n        return',
      ],
    ],
    cause: 'the client checks a message only after it has sent it',
    shows: [
      'client-sending/results-extension-forbidden',
      'client-sending/results-extension-unknown',
      'client-sending/results-extension-last-counts',
    ],
  },
  {
    what: 'counts characters in the length of a frame',
    program: 'sockets.py',
    edits: [['struct.pack(HEADER, kind, len(payload))', 'struct.pack(HEADER, kind, len(text))']],
    cause: 'the length in the header is not that of the payload',
  },
  {
    what: 'sends a new id in place of the id of the task',
    program: 'sockets.py',
    edits: [
      [
        '        self.check(message)\n        self.check_extension',
        '        message = {**message, "task_id": new_id()}\n        self.check(message)\n        self.check_extension',
      ],
    ],
    cause: 'the field task_id is wrong or missing',
    shows: ['client-sending/update-fields', 'client-sending/results-text'],
  },
  {
    what: 'shuts down its side, and reads the answer until the server closes',
    program: 'sockets.py',
    edits: [
      HALF_CLOSES,
      ['        payload = self.read_exactly(size)\n', '        payload = self.read_all()\n'],
      [
        '    def wait_for_close(self):\n',
        '    def read_all(self):\n        parts = []\n        while part := self.sock.recv(65536):\n            self.sock.settimeout(self.remaining())\n            parts.append(part)\n        return b"".join(parts)\n\n    def wait_for_close(self):\n',
      ],
    ],
    cause: 'the client does not end the answer where its header says',
    shows: [
      'client-reading/then-*',
      'client-bad-server/endless',
      'client-bad-server/truncated-after-json',
      'client-bad-server/resets-after-answer',
    ],
  },
  {
    what: 'shuts down its side, and has no time limit for the answer',
    program: 'sockets.py',
    edits: [
      HALF_CLOSES,
      [
        '            self.sock.settimeout(self.remaining())\n            part =',
        '            self.sock.settimeout(None)\n            part =',
      ],
    ],
    cause: 'the client does not end in time: a server that does not go on',
    shows: ['client-bad-server/never-answers', 'client-bad-server/drips'],
  },
  {
    what: 'shuts down its side, and reads an answer over the cap, however long it takes',
    program: 'sockets.py',
    edits: [
      HALF_CLOSES,
      [
        '            raise ValueError("the answer is too large")\n',
        '            self.deadline += 20 * self.timeout\n',
      ],
    ],
    cause: 'the client does not refuse an answer over the cap of 16 MiB',
    shows: ['client-bad-server/over-cap-header'],
  },
  {
    what: 'does not read the answer',
    program: 'sockets.py',
    edits: [
      [
        '        answer = self.read_answer()\n',
        '        answer = {"task_id": task_id, "status": 200, "message": "Task accepted"}\n',
      ],
    ],
    cause: 'the client takes for an acceptance what is none: a rejection',
    shows: [
      'client-reading/rejected',
      'client-reading/message',
      'client-bad-server/closes',
      'client-bad-server/not-json',
      'client-bad-server/other-id',
      'client-bad-server/status-text',
    ],
  },
  {
    what: 'writes times without an offset',
    program: 'sockets.py',
    edits: [
      [
        '        text = json.dumps(message, ensure_ascii=False)\n',
        '        if "completed_at" in message:\n            message = {**message, "completed_at": message["completed_at"].rstrip("Z")}\n        text = json.dumps(message, ensure_ascii=False)\n',
      ],
    ],
    cause: 'the field completed_at is wrong or missing',
    shows: ['client-sending/results-text'],
  },
  {
    what: 'catches nothing',
    program: 'sockets.py',
    edits: [
      [
        '    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:\n',
        '    except FileExistsError as error:\n',
      ],
    ],
    cause: 'the client dies where it must report an error: an answer',
  },
];
