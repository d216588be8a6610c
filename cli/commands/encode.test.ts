import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Context } from '../core/context.ts';
import { conform, conformHere, conformWith } from '../testing/process.ts';
import { encodeCommand } from './encode.ts';

const MESSAGES: readonly (readonly [kind: string, name: string, fields: Readonly<Record<string, string>>])[] =
  [
    [
      'submit',
      'SubmitRequest',
      { task_id: 'a', task_description: 'Say hello', from_addr: '0:1', to_addr: '0:2' },
    ],
    ['response', 'SubmitResponse', { task_id: 'a', status: '200', message: 'ok' }],
    ['result', 'TaskResult', { status: 'success', error: 'none', timestamp: '2026-01-02T03:04:05Z' }],
    ['update', 'TaskStatusUpdate', { task_id: 'a', status: 'ACCEPTED', justification: 'Free' }],
    ['results', 'TaskResultMessage', { task_id: 'a', result_text: '<ü>', time_cpu_ms: '9007199254740993' }],
  ];

t.test('every message is legal and canonical for decode, with the values that were given', async (t) => {
  const dir = t.testdir();
  await Promise.all(
    MESSAGES.map(async ([kind, name, fields]) => {
      const flags = Object.entries(fields).flatMap(([field, value]) => [
        `--${field.replaceAll('_', '-')}`,
        value,
      ]);
      const encoded = await conformHere('encode', kind, ...flags, '--hex');
      t.match(encoded, { status: 0, err: '' }, kind);
      const file = join(dir, kind);
      writeFileSync(file, Buffer.from(encoded.out, 'hex'));
      const decoded = await conformHere('decode', file, '--json');
      const frame = JSON.parse(decoded.out) as { parts: { member?: string; value?: unknown }[] };
      t.match(frame, { message: name, legal: true, canonical: true }, kind);
      for (const [field, value] of Object.entries(fields)) {
        const part = frame.parts.find(({ member }) => member === field);
        t.equal(String(part?.value), value, `${kind} ${field}`);
      }
    }),
  );
});

t.test('a JSON value is written with its keys in order', async (t) => {
  const { out } = await conformHere('encode', 'result', '--result', '{"b":[1,2.5],"a":null}', '--hex');
  t.match(
    JSON.stringify(JSON.parse(Buffer.from(out, 'hex').toString('utf8', 8))),
    '"result":{"a":null,"b":[1,2.5]}',
  );
});

t.test('bytes go through a pipe as they are, and a file as the data of results', async (t) => {
  const dir = t.testdir({ 'report.md': '# Done\n' });
  const args = ['encode', 'results', '--task-id', 'a', '--file', `${dir}/report.md`];
  const [encoded, raw] = await Promise.all([conformHere(...args, '--hex'), conform(...args)]);
  const bytes = Buffer.from(encoded.out, 'hex');
  t.match(JSON.parse(bytes.toString('utf8', 8)), {
    result_type: 'file',
    filename: 'report.md',
    file_data: Buffer.from('# Done\n').toString('base64'),
  });
  t.equal(raw.out, bytes.toString('utf8'));
});

t.test(
  'JSON comes as an argument, from a file or from standard input, and flags replace its fields',
  async (t) => {
    const json = '{"message":"ok","task_id":"a","status":400}';
    const dir = t.testdir({ 'response.json': json });
    const encoded = await Promise.all([
      conformHere('encode', 'response', '--hex', '--status', '200', '--fields', json),
      conformHere('encode', 'response', '--hex', '--status', '200', '--fields', `${dir}/response.json`),
      conformWith(Buffer.from(json), 'encode', 'response', '--hex', '--status', '200', '--fields', '-'),
    ]);
    for (const { status, out } of encoded) {
      t.equal(status, 0);
      t.equal(Buffer.from(out, 'hex').toString('utf8', 8), '{"task_id":"a","status":200,"message":"ok"}');
    }
  },
);

t.test('an illegal message is refused in one line that names the clause', async (t) => {
  const dir = t.testdir({ 'program.go': 'package main' });
  const refusals: readonly (readonly [clause: string, ...args: string[]])[] = [
    ['S2', 'response', '--task-id', 'a', '--status', '201'],
    ['S5', 'submit', '--task-description', 'x'.repeat(16_385)],
    ['U2', 'update', '--status', 'DONE'],
    ['U4', 'update', '--status', 'ACCEPTED', '--justification', 'x'.repeat(4097)],
    ['R2', 'results', '--filename', `${'x'.repeat(255)}.md`],
    ['R4', 'results', '--file', `${dir}/program.go`],
    ['R4', 'results', '--fields', '{"result_type":"file","file_data":"aGk="}'],
    ['R5', 'results', '--filename', '../a.md'],
    ['M4', 'submit', '--fields', '{"task_id":1}'],
  ];
  await Promise.all(
    refusals.map(async ([clause, ...args]) => {
      const line = new RegExp(`^conform: refused, ${clause}: [^\\n]+\\n$`);
      t.match(await conformHere('encode', ...args), { status: 1, out: '', err: line }, clause);
    }),
  );
});

t.test('a wrong command line is one line', async (t) => {
  const wrong = [
    ['nothing'],
    ['submit', '--status', '200'],
    ['submit', '--file', 'cli.ts'],
    ['response', '--status', 'ok'],
    ['submit', '--fields', '{"a":1}'],
    ['submit', '--fields', '{"task_id":"a","task_id":"b"}'],
    ['submit', '--fields', '{"task_id":'],
    ['submit', '--fields', 'no/such/file'],
  ];
  await Promise.all(
    wrong.map(async (args) => {
      const ended = await conformHere('encode', ...args);
      t.match(ended, { status: 2, out: '', err: /^conform: [^\n]+\n$/ }, args.join(' '));
    }),
  );
});

t.test('a terminal is refused without --hex', async (t) => {
  const written: (string | Uint8Array)[] = [];
  const context: Context = {
    out: (data) => void written.push(data),
    err: () => {},
    isTerminal: true,
    interrupted: new AbortController().signal,
  };
  const options = { _: [], $0: '', kind: 'submit', fields: '{"task_id":"a"}', file: undefined };
  await t.rejects(encodeCommand.run({ ...options, hex: false }, context), { name: 'UsageError' });
  t.same(written, []);
  t.equal(await encodeCommand.run({ ...options, hex: true }, context), 0);
  t.match(written, [/^[0-9a-f]+\n$/]);
});
