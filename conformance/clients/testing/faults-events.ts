/** Faults of the client with the events of Node.js. */

import type { PlantedFault } from './planted.ts';

export const faultsOfEvents: readonly PlantedFault[] = [
  {
    what: 'sends an update before the results on one connection',
    program: 'events.mjs',
    edits: [
      [
        'else send(frameOf(TYPES[CONFORM_ACTION], payload));',
        "else if (CONFORM_ACTION !== 'results') send(frameOf(TYPES[CONFORM_ACTION], payload));\nelse send(Buffer.concat([frameOf(3, Buffer.from(JSON.stringify({ task_id: taskId, status: 'COMPLETED', justification: '' }))), frameOf(4, payload)]));",
      ],
    ],
    cause: 'several frames come on one connection',
    shows: ['frame', 'one-frame', 'text', 'file', 'large'].map((one) => `client-sending/results-${one}`),
  },
  {
    what: 'refuses an answer of exactly the cap',
    program: 'events.mjs',
    edits: [['length > MAX_PAYLOAD) return', 'length >= MAX_PAYLOAD) return']],
    cause: 'the client does not take a legal answer: an answer of 16 MiB',
    shows: ['client-reading/length-at-cap', 'client-bad-server/over-cap-header'],
  },
  {
    what: 'ends its process when it has handed over the bytes',
    program: 'events.mjs',
    edits: [
      [
        '    socket.write(frame, () => {\n      clearTimeout(timer);\n      setTimeout(sent, 200);\n    });\n',
        "    socket.write(frame);\n    socket.once('connect', () => setTimeout(sent, 20));\n",
      ],
    ],
    cause: 'the client sends no complete frame',
    shows: ['client-sending/results-large', 'client-sending/results-to-slow-reader'],
  },
  {
    what: 'does not handle errors of its connection',
    program: 'events.mjs',
    edits: [["  socket.on('error', (error) => fail(error.message));\n", '']],
    cause: 'the client dies where it must report an error: its connection',
    shows: [
      'client-bad-server/resets',
      'client-bad-server/resets-at-once',
      'client-bad-server/resets-inside-answer',
      'client-bad-server/not-connected',
      'client-bad-server/closes-at-once',
      'client-bad-server/not-json',
      'client-sending/update-not-connected',
    ],
  },
  {
    what: 'takes each data event for the whole answer',
    program: 'events.mjs',
    edits: [
      [
        '    if (received < 8 + length) return;\n    const bytes = Buffer.concat(chunks);\n',
        '    const bytes = Buffer.concat(chunks);\n',
      ],
    ],
    cause: 'the client does not read an answer in several segments as in one',
  },
  {
    what: 'takes the first data event for the whole answer, whatever its header says',
    program: 'events.mjs',
    edits: [
      [
        "    chunks.push(chunk);\n    received += chunk.length;\n    if (received < 8) return;\n    const start = Buffer.concat(chunks.length > 8 ? chunks.slice(0, 8) : chunks);\n    const length = start.readUInt32BE(4);\n    if (length > MAX_PAYLOAD) return fail('the answer is too large');\n    if (received < 8 + length) return;\n    const bytes = Buffer.concat(chunks);\n    try {\n      done(outcomeOf(bytes.readUInt32BE(0), bytes.subarray(8, 8 + length), taskId));\n",
        '    try {\n      done(outcomeOf(chunk.readUInt32BE(0), chunk.subarray(8), taskId));\n',
      ],
      ['  const chunks = [];\n  let received = 0;\n', ''],
    ],
    cause: 'the client does not read an answer in several segments as in one',
  },
  {
    what: 'compares the status loosely',
    program: 'events.mjs',
    edits: [['answer.status === 200', 'answer.status == 200']],
    cause: 'the client takes for an acceptance what is none: a field of another type',
    shows: ['client-bad-server/status-*'],
  },
  {
    what: 'decodes the stream as text',
    program: 'events.mjs',
    edits: [
      [
        '    chunks.push(chunk);\n',
        "    chunk = Buffer.from(chunk.toString('utf8'));\n    chunks.push(chunk);\n",
      ],
    ],
    cause: 'the client does not read the header of an answer as two numbers of four bytes',
  },
  {
    what: 'decodes each chunk as text',
    program: 'events.mjs',
    edits: [
      [
        'outcomeOf(bytes.readUInt32BE(0), bytes.subarray(8, 8 + length), taskId)',
        'outcomeOf(bytes.readUInt32BE(0), textOf(chunks).slice(0, length), taskId)',
      ],
      [
        "  socket.on('end', () => fail('closed by the server'));\n}\n",
        "  socket.on('end', () => fail('closed by the server'));\n}\n\nfunction textOf(chunks) {\n  let header = 8;\n  return chunks\n    .map((chunk) => {\n      const payload = chunk.subarray(header);\n      header = Math.max(0, header - chunk.length);\n      return payload.toString('utf8');\n    })\n    .join('');\n}\n",
      ],
    ],
    cause: 'the client does not read an answer in several segments as in one',
  },
  {
    what: 'makes ids from the time',
    program: 'events.mjs',
    edits: [
      [
        "  const hex = randomBytes(16).toString('hex');\n",
        "  const hex = (randomBytes(0).length + Math.floor(Date.now() / 60000)).toString(16).padStart(32, '0');\n",
      ],
    ],
    cause: 'task ids repeat',
  },
  {
    what: 'bounds texts by their UTF-16 units',
    program: 'events.mjs',
    edits: [
      ["Buffer.byteLength(message[name] ?? '', 'utf8') > limit", "(message[name] ?? '').length > limit"],
    ],
    cause: 'the client sends what it must refuse: a text over its bound',
  },
  {
    what: 'keeps all that comes, whatever the length in the header is',
    program: 'events.mjs',
    edits: [["    if (length > MAX_PAYLOAD) return fail('the answer is too large');\n", '']],
    cause: 'the client does not refuse an answer over the cap of 16 MiB',
  },
  {
    what: 'decodes answers as Latin-1',
    program: 'events.mjs',
    edits: [["payload.toString('utf8')", "payload.toString('latin1')"]],
    cause: 'the message of the answer is not reported as it was sent',
  },
];
