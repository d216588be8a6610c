import { ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { packageFile } from '../../conformance/util/package-file.ts';
import {
  encodeFrame,
  FrameDecoder,
  HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  ProtocolError,
} from '../../reference/index.ts';
import { type Dissected, dissect, violationsOf } from '../dissect/dissect.ts';
import { dumpJson, dumpText } from '../dissect/dump.ts';
import { parseHex } from '../dissect/hex.ts';
import { MESSAGES } from '../dissect/table.ts';
import { conformHere, conformWith, type Ended } from '../testing/process.ts';

const plain = (text: string): string => text;
const withoutColors = { good: plain, bad: plain, warn: plain, dim: plain, bold: plain };

/** Clauses about the values of a message. All other clauses decide whether the bytes are a message. */
const CONTENT = new Set(['S2', 'S5', 'U2', 'U4', 'R2', 'R4', 'R5']);

interface Golden {
  readonly file: string;
  readonly clause: string;
  readonly valid: boolean;
  readonly message?: string;
}

function golden(file: string): Buffer {
  return readFileSync(packageFile(`fixtures/golden/${file}`));
}

function frame(type: number, payload: string | Uint8Array): Buffer {
  return Buffer.from(encodeFrame({ type, payload: Buffer.from(payload) }));
}

function clauses({ parts }: Dissected): string[] {
  return violationsOf(parts).map(({ clause }) => clause);
}

function only(bytes: Uint8Array): Dissected {
  const [first, ...others] = dissect(bytes);
  ok(first !== undefined && others.length === 0);
  return first;
}

t.test('golden frames have the verdicts of their index', async (t) => {
  const { vectors } = JSON.parse(golden('index.json').toString()) as { vectors: Golden[] };
  for (const { file, clause, valid, message } of vectors) {
    const dissected = only(golden(file));
    if (valid) {
      t.same(clauses(dissected), [], file);
      t.equal(dissected.message, message, file);
      t.equal(dissected.isCanonical, true, file);
    } else t.ok(clauses(dissected).includes(clause), `${file}: ${clause}`);
  }
});

const NAMES = MESSAGES.flatMap(({ fields }) => fields.map(({ name }) => name));
const key = fc.oneof(
  fc.constantFrom(...NAMES),
  fc.constantFrom(...NAMES).map((name) => name.toUpperCase()),
  fc.string(),
);
const value = fc.oneof(
  fc.json(),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom('null', '200', '2e2', '9223372036854775808', '"aGk="', '"aG-_"', '[1,256]', '{', '1e999'),
);
const payload = fc.oneof(
  fc.uint8Array(),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
  fc
    .array(fc.tuple(key, value), { maxLength: 60 })
    .map((pairs) => Buffer.from(`{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${v}`).join(', ')}}`)),
);
const anyFrame = fc.tuple(fc.nat({ max: 5 }), payload).map(([type, bytes]) => frame(type, bytes));
const input = fc.oneof(
  fc.uint8Array({ minLength: 1 }),
  fc.tuple(fc.array(anyFrame, { minLength: 1, maxLength: 4 }), fc.nat({ max: 30 })).map(([frames, cut]) => {
    const bytes = Buffer.concat(frames);
    return bytes.subarray(0, Math.max(1, bytes.length - cut));
  }),
);

t.test(
  'for every input, the parts cover it without gaps, and the members are in order inside their payload',
  async () => {
    fc.assert(
      fc.property(input, (bytes) => {
        let end = 0;
        for (const { parts, unread } of dissect(bytes)) {
          let inside = end;
          for (const part of parts.filter(({ isMember }) => !isMember)) {
            if (part.offset !== end) return false;
            end += part.bytes.length;
            inside = part.offset;
          }
          const members = parts.filter(({ isMember }) => isMember).sort((a, b) => a.offset - b.offset);
          for (const part of members) {
            if (part.offset < inside || part.offset + part.bytes.length > end) return false;
            if (!Buffer.from(bytes).subarray(part.offset).subarray(0, part.bytes.length).equals(part.bytes))
              return false;
            inside = part.offset + part.bytes.length;
          }
          end += unread;
        }
        return end === bytes.length;
      }),
      { numRuns: 1000 },
    );
  },
);

/** Whether the reference decodes the next frame as the message that the dissected frame was read as. */
function isWellFormed(decoder: FrameDecoder, { header, message }: Dissected): boolean {
  try {
    const next = decoder.next();
    if (next === undefined) return false;
    ok(next.type === header?.type && next.payload.length === header.length);
    const row = MESSAGES.find(({ name }) => name === message);
    row?.decode(next.payload);
    return row !== undefined;
  } catch (error) {
    ok(error instanceof ProtocolError);
    return false;
  }
}

t.test('a frame is well-formed if and only if the reference decodes it', async () => {
  fc.assert(
    fc.property(input, (bytes) => {
      const decoder = new FrameDecoder();
      decoder.push(bytes);
      for (const dissected of dissect(bytes)) {
        const malformed = clauses(dissected).some((clause) => !CONTENT.has(clause));
        if (isWellFormed(decoder, dissected) === malformed) return false;
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});

t.test('a dump holds no control character but the newline, in JSON no other than at its end', async () => {
  fc.assert(
    fc.property(input, (bytes) => {
      for (const dissected of dissect(bytes)) {
        if (/[^\P{C}\n]/u.test(dumpText(dissected, withoutColors))) return false;
        const json = dumpJson(dissected);
        if (/[\p{C}]/u.test(json.slice(0, -1))) return false;
        JSON.parse(json);
      }
      return true;
    }),
  );
});

t.test('the output for large frames is bounded', async (t) => {
  const members = `{${'"task_id":"a",'.repeat(200_000)}"x":1}`;
  const deep = `{"result":${'['.repeat(9_998)}${']'.repeat(9_998)}}`;
  const many = frame(1, members);
  for (const bytes of [
    many,
    frame(2, deep),
    frame(4, `{"result_text":"${'\u001b'.repeat(1000)}${'x'.repeat(MAX_PAYLOAD_BYTES - 1100)}"}`),
  ]) {
    const dissected = only(bytes);
    t.ok(dumpText(dissected, withoutColors).length < 20_000);
    t.ok(dumpJson(dissected).length < 40_000);
    if (bytes === many) t.equal(dissected.hidden, 200_000 + 1 - 41);
  }
});

t.test('names in another case, duplicates and unknown fields have different findings', async (t) => {
  const { parts } = only(
    frame(3, '{"Task_ID":"a","task_id":"b","x":[1],"status":"ACCEPTED","justification":""}'),
  );
  t.match(
    parts.filter(({ isMember }) => isMember),
    [
      { label: 'Task_ID', value: 'a', findings: [{ kind: 'note', clause: 'M7' }] },
      { label: 'task_id', value: 'b', findings: [{ kind: 'note', clause: 'M7' }] },
      { label: 'x', meaning: /M1/, findings: [] },
      { label: 'status' },
      { label: 'justification' },
    ],
  );
});

t.test('a payload of type 1 is read as the message whose fields it has', async (t) => {
  t.equal(only(frame(1, '{"task_id":"a","status":200}')).message, 'SubmitResponse');
  t.equal(only(frame(1, '{"task_id":"a","to_addr":""}')).message, 'SubmitRequest');
  t.equal(only(frame(2, '{"task_id":"a","message":"ok","status":200}')).message, 'SubmitResponse');
});

t.test('another protocol is recognised by its first bytes', async (t) => {
  for (const opening of ['GET / HTTP/1.1\r\n', 'SSH-2.0-OpenSSH_9.9\r\n', '{"task_id":"a"}']) {
    t.type(only(Buffer.from(opening)).opening, 'string', opening);
  }
  t.type(only(Buffer.from('1603010200010001fc0303', 'hex')).opening, 'string', 'TLS');
  t.equal(only(golden('truncated-payload.bin')).opening, undefined);
});

t.test('hex is read in all common notations', async (t) => {
  const bytes = golden('submit-request.bin');
  const hex = bytes.toString('hex');
  const words = hex.match(/.{8}/g)?.join('\n') ?? '';
  for (const text of [
    hex,
    hex.toUpperCase(),
    words + hex.slice(-6),
    hex.replace(/../g, '0x$&, '),
    hex.replace(/../g, '\\x$&'),
  ]) {
    t.ok(parseHex(text).equals(bytes), text.slice(0, 24));
  }
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) =>
    bytes.subarray(16 * row, 16 * row + 16),
  );
  const offset = (row: number, width: number): string => (16 * row).toString(16).padStart(width, '0');
  const ascii = (row: Buffer): string => row.toString('latin1').replace(/[^ -~]/g, '.');
  const xxd = rows.map(
    (row, i) => `${offset(i, 8)}: ${row.toString('hex').replace(/.{4}/g, '$& ').trimEnd()}  ${ascii(row)}`,
  );
  const hexdump = rows.map((row, i) => {
    const [left, right] = [row.subarray(0, 8), row.subarray(8)].map((half) =>
      half.toString('hex').replace(/../g, '$& '),
    );
    return `${offset(i, 8)}  ${left} ${right} |${ascii(row)}|`;
  });
  t.ok(parseHex(xxd.join('\n')).equals(bytes), 'xxd');
  t.ok(
    parseHex([...hexdump, bytes.length.toString(16).padStart(8, '0')].join('\n')).equals(bytes),
    'hexdump -C',
  );
  for (const text of ['0', 'zz', '00000000: 00\n00000002: 00'])
    t.throws(() => parseHex(text), { name: 'UsageError' }, text);
});

/** The command in this process, with a file of these bytes. */
async function decodeFile(t: Test, bytes: Uint8Array, ...args: string[]): Promise<Ended> {
  const file = join(t.testdir(), 'frames.bin');
  writeFileSync(file, bytes);
  return await conformHere('decode', file, ...args);
}

t.test('the command: legal, truncated, over the cap, and not hex', async (t) => {
  const submit = golden('submit-request.bin');
  const legal = await decodeFile(t, submit);
  t.match(legal, { status: 0, err: '', out: /legal SubmitRequest/ });
  const truncated = await decodeFile(t, submit.subarray(0, 60));
  t.match(truncated, { status: 1, err: '', out: /ILLEGAL \(F4\).* 91 bytes short/ });
  const oversize = await conformHere('decode', '--hex', '00000001', '01000001');
  t.match(oversize, { status: 1, err: '', out: /ILLEGAL \(F2\)/ });
  for (const ended of [
    await conformHere('decode', '--hex', 'xy'),
    await conformHere('decode', 'no/such/file'),
    await decodeFile(t, Buffer.alloc(0)),
  ])
    t.match(ended, { status: 2, out: '', err: /^conform: [^\n]+\n$/ });
});

t.test('the command writes one line of JSON for each frame', async (t) => {
  const bytes = Buffer.concat([golden('submit-request.bin'), golden('over-cap.bin')]);
  const { status, out } = await decodeFile(t, bytes, '--json');
  const frames = out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  t.equal(status, 1);
  t.match(frames, [
    { index: 1, offset: 0, message: 'SubmitRequest', legal: true, canonical: true, violations: [] },
    { index: 2, offset: 151, legal: false, violations: ['F2'] },
  ]);
  t.equal(frames.length, 2);
});

t.test('standard input is read without an argument and for a dash', async (t) => {
  const hostile = frame(1, `{"task_id":"\\u001b[31m\\u202e","\u202e\u009b31m":"\u009b","to_addr":"\u0007"}`);
  const [frames, dash, nothing] = await Promise.all([
    conformWith(Buffer.concat([hostile, hostile.subarray(0, HEADER_BYTES + 40)]), 'decode'),
    conformWith(frame(1, '{"task_id":"a"}'), 'decode', '-'),
    conformWith(new Uint8Array(), 'decode'),
  ]);
  t.match(frames, { status: 1, err: '', out: /2 frames/ });
  t.notMatch(frames.out, /[^\P{C}\n]/u, 'a pipe gets no control characters and no colour');
  t.match(dash, { status: 0, err: '', out: /legal SubmitRequest/ });
  t.match(nothing, { status: 2, out: '', err: /^conform: [^\n]+\n$/ });
});
