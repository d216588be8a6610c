/** Clients that send submits and updates wrongly. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ValidationError } from '../../../../reference/index.ts';
import { CallError, type Fields, HONEST, validatesBut, validatesGiven } from '../client.ts';
import type { ClientMutant } from '../mutant.ts';

/** The JSON of the message with some fields changed. */
function changed(change: (fields: Fields) => Fields): ClientMutant['breaks'] {
  return {
    payload: (fields, json, action) => {
      // A number loses the low digits of integers over 2^53.
      const text = Buffer.from(HONEST.payload(fields, json, action)).toString();
      const honest = JSON.parse(text.replace(/("time_\w+"):(\d+)/g, '$1:"$2"')) as Fields;
      return Buffer.from(JSON.stringify(change(honest)).replace(/("time_\w+"):"(\d+)"/g, '$1:$2'));
    },
    validate: validatesGiven,
  };
}

function textsChanged(change: (text: string) => string): ClientMutant['breaks'] {
  return changed((fields) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        typeof value === 'string' && ['task_description', 'justification', 'result_text'].includes(name)
          ? change(value)
          : value,
      ]),
    ),
  );
}

const TOO_LONG = [
  'description-too-long',
  'justification-too-long',
  'result-text-too-long',
  'filename-too-long',
] as const;
const BOUNDS: Readonly<Record<string, number>> = {
  task_description: 16_384,
  justification: 4_096,
  result_text: 1_048_576,
  filename: 256,
};

/** Compares texts with their bounds in this way. */
function bounded(isOver: (text: string, bound: number) => boolean): ClientMutant['breaks'] {
  return validatesBut(TOO_LONG, (fields) =>
    Object.entries(BOUNDS).some(([name, bound]) => isOver(String(fields[name] ?? ''), bound)),
  );
}

const AT_CAPS = [
  'client-sending/description-at-cap',
  'client-sending/update-justification-at-cap',
  'client-sending/results-text-at-cap',
  'client-sending/results-filename-at-cap',
];
const UNICODE = [
  'client-sending/description-unicode',
  'client-sending/update-justification-unicode',
  'client-sending/results-text-unicode',
];

export const sending: readonly ClientMutant[] = [
  {
    name: 'waits-for-greeting',
    clause: 'T1',
    fault: 'The client waits for a greeting of the server before it sends.',
    fails: ['client-sending/speaks-first'],
    breaks: {
      write: async (socket, frame, call) => {
        await Promise.race([
          once(socket, 'data'),
          once(socket, 'close').then(() => Promise.reject(new CallError('closed'))),
          new Promise((_, reject) => setTimeout(() => reject(new CallError('no greeting')), 20)),
        ]);
        await HONEST.write(socket, frame, call);
      },
    },
  },
  {
    name: 'little-endian-header',
    clause: 'F1',
    fault: 'The client writes type and length in little-endian order.',
    fails: ['client-sending/submit-header'],
    breaks: {
      header: (type, payload) => {
        const header = Buffer.alloc(8);
        header.writeUInt32LE(type);
        header.writeUInt32LE(payload.length, 4);
        return header;
      },
    },
  },
  {
    name: 'length-with-header',
    clause: 'F1',
    fault: 'The client counts the header in the length.',
    fails: ['client-sending/submit-header'],
    breaks: {
      header: (type, payload) => {
        const header = Buffer.from(HONEST.header(type, payload));
        header.writeUInt32BE(payload.length + 8, 4);
        return header;
      },
    },
  },
  {
    name: 'submit-with-type-2',
    clause: 'F6',
    fault: 'The client sends a submit as a frame of type 2.',
    fails: ['client-sending/submit-type'],
    breaks: { type: (action) => (action === 'submit' ? 2 : HONEST.type(action)) },
  },
  {
    name: 'update-and-results-with-type-2',
    clause: 'F6',
    fault: 'The client sends updates and results as frames of type 2.',
    fails: ['client-sending/update-frame', 'client-sending/results-frame'],
    breaks: { type: (action) => (action === 'submit' ? 1 : 2) },
  },
  {
    name: 'encodes-twice',
    clause: 'M6',
    fault: 'The client encodes the JSON text as a JSON string.',
    fails: ['client-sending/submit-object'],
    breaks: {
      payload: (fields, json, action) =>
        Buffer.from(JSON.stringify(Buffer.from(HONEST.payload(fields, json, action)).toString())),
      validate: validatesGiven,
    },
  },
  {
    name: 'description-as-description',
    clause: 'M12',
    fault: 'The client writes the description in a field named description.',
    fails: ['client-sending/submit-description'],
    breaks: changed(({ task_description, ...fields }) => ({
      ...fields,
      ...(task_description !== undefined && { description: task_description }),
    })),
  },
  {
    name: 'addresses-exchanged',
    clause: 'M12',
    fault: 'The client exchanges from_addr and to_addr.',
    fails: ['client-sending/submit-addresses'],
    breaks: changed(({ from_addr, to_addr, ...fields }) => ({
      ...fields,
      ...(from_addr !== undefined && { from_addr: to_addr, to_addr: from_addr }),
    })),
  },
  {
    name: 'upper-case-id',
    clause: 'S10',
    fault: 'The client writes task ids in upper case.',
    fails: ['client-sending/id-form'],
    breaks: { makeId: () => HONEST.makeId().replace(/.$/, 'a').toUpperCase() },
  },
  {
    name: 'id-without-hyphens',
    clause: 'S10',
    fault: 'The client writes task ids without hyphens.',
    fails: ['client-sending/id-form'],
    breaks: { makeId: () => randomBytes(16).toString('hex') },
  },
  {
    name: 'id-from-the-second',
    clause: 'S10',
    fault: 'The client makes task ids from the time in seconds.',
    fails: ['client-sending/ids-differ'],
    breaks: {
      makeId: () =>
        `00000000-0000-0000-0000-${Math.floor(Date.now() / 10_000)
          .toString(16)
          .padStart(12, '0')}`,
    },
  },
  {
    name: 'reports-new-id',
    clause: 'S3',
    fault: 'The client reports another id than the one that it sent.',
    fails: ['client-sending/id-reported'],
    breaks: { report: (line) => (line.taskId === undefined ? line : { ...line, taskId: HONEST.makeId() }) },
  },
  {
    name: 'line-break-after-frame',
    clause: 'T2',
    fault: 'The client sends a line break after the frame.',
    fails: [
      'client-sending/one-frame',
      'client-sending/update-one-frame',
      'client-sending/results-one-frame',
    ],
    breaks: { after: () => Buffer.from('\n') },
  },
  {
    name: 'length-in-characters',
    clause: 'F1',
    fault: 'The client counts the characters of the payload in the length.',
    fails: UNICODE,
    breaks: {
      header: (type, payload) => {
        const header = Buffer.from(HONEST.header(type, payload));
        header.writeUInt32BE(Buffer.from(payload).toString('utf8').length, 4);
        return header;
      },
    },
  },
  {
    name: 'drops-controls',
    clause: 'M12',
    fault: 'The client removes control characters from texts.',
    fails: ['client-sending/description-escapes'],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the client drops.
    breaks: textsChanged((text) => text.replace(/[\u0000-\u0008\u000e-\u001f]/g, '')),
  },
  {
    name: 'escapes-html',
    clause: 'M12',
    fault: 'The client escapes texts for HTML.',
    fails: ['client-sending/description-markup'],
    breaks: textsChanged((text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')),
  },
  {
    name: 'bounds-exclusive',
    clause: 'S5',
    fault: 'The client refuses texts of exactly the bound.',
    fails: AT_CAPS,
    breaks: bounded((text, bound) => Buffer.byteLength(text) >= bound),
  },
  {
    name: 'bounds-on-escaped-text',
    clause: 'S5',
    fault: 'The client compares the bound with the escaped text.',
    fails: ['client-sending/description-at-cap-escaped'],
    breaks: bounded((text, bound) => Buffer.byteLength(JSON.stringify(text)) - 2 > bound),
  },
  {
    name: 'bounds-in-characters',
    clause: 'S5',
    fault: 'The client compares the bounds with characters.',
    fails: ['client-sending/*-over-cap-in-bytes'],
    breaks: bounded((text, bound) => text.length > bound),
  },
  {
    name: 'no-bounds',
    clause: 'S5',
    fault: 'The client sends texts of any length.',
    fails: [
      'client-sending/description-over-cap',
      'client-sending/update-justification-over-cap',
      'client-sending/results-text-over-cap',
      'client-sending/results-filename-over-cap',
    ],
    breaks: validatesBut(TOO_LONG),
  },
  {
    name: 'status-in-lower-case',
    clause: 'M12',
    fault: 'The client writes the status in lower case.',
    fails: ['client-sending/update-fields'],
    breaks: changed(({ status, ...fields }) => ({
      ...fields,
      ...(status !== undefined && { status: String(status).toLowerCase() }),
    })),
  },
  {
    name: 'waits-for-answer-to-all',
    clause: 'U1',
    fault: 'The client waits for an answer to updates and results.',
    fails: ['client-sending/update-sent', 'client-sending/results-sent'],
    breaks: { leave: async (socket, call) => void (await HONEST.read(socket, call)) },
  },
  {
    name: 'waits-for-close',
    clause: 'U1',
    fault: 'The client reports an error unless the server closes after an update or results.',
    fails: ['client-sending/update-unanswered', 'client-sending/results-unanswered'],
    breaks: {
      leave: async (socket) => {
        let isClosed = false;
        socket.once('end', () => {
          isClosed = true;
        });
        await HONEST.leave(socket, { action: 'update', timeoutMs: 0, taskId: '' });
        if (!isClosed) throw new CallError('the server did not close');
      },
    },
  },
  {
    name: 'reads-answer-to-update',
    clause: 'U1',
    fault: 'The client takes what follows an update for an answer, and reports its status.',
    fails: ['client-sending/update-answered'],
    breaks: {
      leave: async (socket, call) => {
        const read = HONEST.read(socket, { ...call, timeoutMs: 2000 }).catch(() => undefined);
        const frame = await read;
        if (frame !== undefined) throw new CallError('the answer is no acceptance');
      },
    },
  },
  {
    name: 'default-justification',
    clause: 'M2',
    fault: 'The client writes a default text in place of an empty justification.',
    fails: ['client-sending/update-empty-justification'],
    breaks: changed((fields) =>
      fields['justification'] === '' ? { ...fields, justification: 'none' } : fields,
    ),
  },
  {
    name: 'reports-sent-without-connection',
    clause: 'T1',
    fault: 'The client reports as sent what it could not send.',
    fails: ['client-sending/update-not-connected', 'client-sending/results-reset'],
    breaks: {
      fail: (error, call) =>
        call.action === 'submit' || error instanceof ValidationError
          ? HONEST.fail(error, call)
          : { kind: 'reported', line: { outcome: 'sent' } },
    },
  },
];
