/** Freedoms of clients: none of them is accused. */

import type { PlantedFreedom } from './planted.ts';

export const plantedFreedoms: readonly PlantedFreedom[] = [
  {
    what: 'writes its fields in reverse order, with white space and escapes, and its ids as UUIDs of version 4',
    program: 'sockets.py',
    edits: [
      [
        'json.dumps(message, ensure_ascii=False)',
        'json.dumps(dict(reversed(message.items())), indent="\\t" if "file_data" not in message else None)',
      ],
    ],
    shows: [
      'client-sending/submit-*',
      'client-sending/id-form',
      'client-sending/description-unicode',
      'client-sending/description-escapes',
      'client-sending/description-at-cap-escaped',
      'client-sending/update-fields',
      'client-sending/update-justification-unicode',
    ],
  },
  {
    what: 'tries once more when a connection breaks before an answer',
    program: 'sockets.py',
    edits: [
      [
        '        self.connect()\n        self.send(frame)\n        answer = self.read_answer()\n',
        '        for attempt in (1, 2):\n            try:\n                self.connect()\n                self.send(frame)\n                answer = self.read_answer()\n                break\n            except OSError:\n                if attempt == 2:\n                    raise\n',
      ],
    ],
    shows: [
      'client-bad-server/closes*',
      'client-bad-server/resets',
      'client-bad-server/resets-at-once',
      'client-bad-server/resets-inside-answer',
      'client-bad-server/not-connected',
      'client-bad-server/never-answers',
      'client-sending/one-frame',
    ],
  },
  {
    what: 'asks by a connection of its own whether the server is there, and opens spare ones',
    program: 'sockets.py',
    edits: [
      [
        '    def connect(self):\n',
        '    def connect(self):\n        socket.create_connection(self.address, self.timeout).close()\n        self.spare = [socket.create_connection(self.address, self.timeout) for _ in range(2)]\n',
      ],
    ],
    shows: [
      'client-sending/s*',
      'client-sending/id*',
      'client-sending/one-frame',
      'client-sending/update-*',
      'client-sending/results-frame',
      'client-sending/results-one-frame',
      'client-reading/accepted',
      'client-bad-server/closes',
      'client-bad-server/other-id',
    ],
  },
  {
    what: 'shuts down its sending side after each frame, and takes what is no UTF-8 for an error',
    program: 'coroutines.py',
    edits: [
      ['    await writer.drain()\n', '    await writer.drain()\n    writer.write_eof()\n'],
      ['    writer.write_eof()\n    try:\n', '    try:\n'],
      ['payload.decode("utf-8", "replace")', 'payload.decode("utf-8")'],
    ],
    shows: [
      'client-reading/then-*',
      'client-reading/message',
      'client-reading/message-unicode',
      'client-reading/message-null',
      'client-bad-server/broken-utf8',
      'client-bad-server/never-answers',
      'client-bad-server/drips',
      'client-bad-server/endless',
      'client-bad-server/over-cap-header',
      'client-sending/update-sent',
      'client-sending/update-unanswered',
      'client-sending/results-sent',
      'client-sending/results-unanswered',
    ],
  },
  {
    what: 'has time limits of its own for the connection and for silence, and gives up a little early',
    program: 'events.mjs',
    edits: [
      [
        "  const timer = setTimeout(() => fail('timeout'), Number(CONFORM_TIMEOUT_MS));\n",
        "  const limit = 0.9 * Number(CONFORM_TIMEOUT_MS);\n  const timer = setTimeout(() => fail('timeout'), limit);\n  socket.setTimeout(limit, () => fail('silence'));\n",
      ],
    ],
    shows: [
      'client-reading/delayed',
      'client-reading/byte-by-byte',
      'client-bad-server/never-answers',
      'client-bad-server/drips',
      'client-sending/update-unanswered',
    ],
  },
  {
    what: 'keeps times as objects of its language, and writes them with milliseconds',
    program: 'events.mjs',
    edits: [
      [
        'stringify({ task_id: taskId, ...message })',
        'stringify({ task_id: taskId, ...message, ...(message.completed_at && { completed_at: new Date(message.completed_at) }) })',
      ],
    ],
    shows: ['client-sending/results-text'],
  },
  {
    what: 'keeps times as objects of its language, and writes them with an offset of two hours',
    program: 'sockets.py',
    edits: [
      [
        '        text = json.dumps(message, ensure_ascii=False)\n',
        '        if "completed_at" in message:\n            completed = datetime.fromisoformat(message["completed_at"].replace("Z", "+00:00"))\n            message = {**message, "completed_at": completed.astimezone(timezone(timedelta(hours=2))).isoformat()}\n        text = json.dumps(message, ensure_ascii=False)\n',
      ],
      ['import uuid\n', 'import uuid\nfrom datetime import datetime, timedelta, timezone\n'],
    ],
    shows: ['client-sending/results-text'],
  },
  {
    what: 'needs eight seconds to make a large message ready',
    program: 'sockets.py',
    edits: [
      [
        '        text = json.dumps(message, ensure_ascii=False)\n',
        '        text = json.dumps(message, ensure_ascii=False)\n        if len(text) > 1 << 20:\n            time.sleep(8)\n            self.deadline = time.monotonic() + self.timeout\n',
      ],
    ],
    shows: ['client-sending/speaks-first', 'client-sending/results-reading-stops'],
  },
  {
    what: 'leaves out what is empty, and reports neither the id nor the message of an error',
    program: 'events.mjs',
    edits: [
      [
        "Buffer.from(stringify({ task_id: taskId, ...message }), 'utf8')",
        "Buffer.from(stringify(Object.fromEntries(Object.entries({ task_id: taskId, ...message }).filter(([, value]) => value !== ''))), 'utf8')",
      ],
      ["done({ outcome: 'error', message: text })", "done({ outcome: 'error', message: null })"],
    ],
    shows: [
      'client-sending/update-fields',
      'client-sending/update-sent',
      'client-sending/update-empty-justification',
      'client-sending/update-not-connected',
      'client-bad-server/closes',
      'client-bad-server/not-json',
    ],
  },
];
