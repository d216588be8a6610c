import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { ConnectionPackets, captureHeader } from '../../../conformance/capture/capture-writer.ts';
import { answer, results, submit, update } from '../../../conformance/testing/traffic.ts';
import { UNSAFE } from '../../../conformance/util/printable.ts';
import { conformHere } from '../../testing/process.ts';

const SERVER = { host: '127.0.0.1', port: 1003 };
const BEGAN = Date.UTC(2026, 0, 1);

type Step = readonly ['>' | '<', Buffer | 'fin' | 'reset'];

/** A capture of connections, whose steps are a millisecond apart. */
function captureOf(connections: readonly (readonly Step[])[]): Buffer {
  let atMs = BEGAN;
  const tick = (): number => {
    atMs += 1;
    return atMs;
  };
  const blocks = connections.flatMap((steps, at) => {
    const packets = new ConnectionPackets({ host: '127.0.0.1', port: 40_000 + at }, SERVER);
    const stepOf = ([way, what]: Step): Buffer => {
      const side = way === '>' ? 'client' : 'server';
      return typeof what === 'string' ? packets[what](side, tick()) : packets.data(side, what, tick());
    };
    return [packets.open(tick()), ...steps.map(stepOf)];
  });
  return Buffer.concat([captureHeader(), ...blocks]);
}

const LIFE: readonly (readonly Step[])[] = [
  [
    ['>', submit()],
    ['<', answer()],
    ['<', 'fin'],
    ['>', 'fin'],
  ],
  [
    ['>', update()],
    ['>', 'fin'],
    ['<', 'fin'],
  ],
  [
    ['>', results({ time_idle_ms: 30_000, time_staged_ms: 300_000, time_cpu_ms: 600_000 })],
    ['>', 'fin'],
    ['<', 'fin'],
  ],
];

t.test('a life cycle: nothing is broken, and the table shows it with both scores', async (t) => {
  const file = join(t.testdir(), 'life.pcapng');
  writeFileSync(file, captureOf(LIFE));
  const { status, out, err } = await conformHere('inspect', file, '--fail-on', 'should');
  t.equal(status, 0);
  t.match(out, '3 conversations judged: nothing is broken');
  t.match(
    out,
    /3b9f0c52-\S+ +\+0 ms {2}SUBMIT +conversation 1\n.*answer 200 .*\n.*ACCEPTED .*\n.*results text /,
  );
  t.match(out, 'polo 2 documented, 3 proportional');
  t.match(err, /life\.pcapng: 19 packets, 3 conversations\n$/);
});

t.test('both sides are judged, and --fail-on decides the exit status', async (t) => {
  const file = join(t.testdir(), 'broken.pcapng');
  writeFileSync(
    file,
    captureOf([
      [
        ['>', submit()],
        ['<', answer({ task_id: 'another' })],
        ['<', 'fin'],
        ['>', 'fin'],
      ],
      [
        ['>', update({ status: 'DONE' })],
        ['>', 'fin'],
        ['<', 'fin'],
      ],
    ]),
  );
  const { status, out } = await conformHere('inspect', file);
  t.equal(status, 0);
  t.match(out, /MUST S3 broken by the receiver, frame 1/);
  t.match(out, /MUST L1 broken by the sender, frame 1/);
  t.match(await conformHere('inspect', file, '--fail-on', 'must'), { status: 1 });
  const lines = (await conformHere('inspect', file, '--json')).out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.strictSame(
    lines.map(({ record }) => record),
    ['conversation', 'conversation', 'task', 'task', 'summary'],
  );
  t.match(lines.at(-1), {
    conversations: 2,
    broken: [{ clause: 'S3' }, { clause: 'L1' }],
    latencies: { count: 1 },
  });
});

t.test('a file that ends at any byte: a clear line, and what precedes it', async (t) => {
  const dir = t.testdir();
  const whole = captureOf(LIFE.slice(0, 1));
  const report = `${JSON.stringify({
    record: 'scenario',
    id: 'a',
    transcript: [{ kind: 'sent', hex: submit().toString('hex'), total: submit().length, atMs: 0, tookMs: 0 }],
  })}\n`;
  for (const [name, bytes] of [
    ['cut.pcapng', whole],
    ['cut.jsonl', Buffer.from(report + report)],
  ] as const)
    for (let length = 0; length < bytes.length; length += length < 64 ? 1 : 31) {
      const file = join(dir, name);
      writeFileSync(file, bytes.subarray(0, length));
      const { status, out, err } = await conformHere('inspect', file);
      const isRead = status === 0 && /\d conversations?/.test(err) && out.includes('Verdict');
      const isRefused = status === 2 && out === '';
      const isOneLine = err.split('\n').every((line) => line === '' || line.startsWith('conform: '));
      if (!((isRead || isRefused) && isOneLine)) t.fail(`${name}, ${length} bytes: ${status} ${err}`);
    }
  t.pass('every length was tried');
});

t.test(
  'transcripts: those of a report, whose kit is either side, and one with an event a line',
  async (t) => {
    const dir = t.testdir();
    const file = join(dir, 'lines.jsonl');
    const bytes = (kind: string, frame: Buffer, atMs: number) => ({
      ...{ kind, hex: frame.toString('hex'), total: frame.length, atMs },
      ...(kind === 'sent' ? { tookMs: 0 } : { pieces: 1 }),
    });
    const [asks, answers] = [submit(), answer({ status: 201 })];
    const exchange = [{ kind: 'connected', atMs: 0 }, bytes('sent', asks, 1), bytes('received', answers, 2)];
    const asServer = [bytes('received', asks, 1), bytes('sent', answers, 2), { kind: 'fin', atMs: 3 }];
    for (const lines of [
      exchange,
      [{ record: 'scenario', id: 'a', transcript: exchange }],
      [
        { record: 'plan', command: 'client' },
        { record: 'scenario', id: 'a', transcript: asServer },
      ],
    ]) {
      writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const { status, out } = await conformHere('inspect', file);
      t.equal(status, 0);
      t.match(out, /MUST S2 broken by the receiver, frame 1/);
      t.match(out, '1 conversation judged');
    }
  },
);

t.test('what no traffic is, and a port without connections', async (t) => {
  const dir = t.testdir({ empty: '', text: 'hello\n', lines: '{}\n{}\n' });
  const file = join(dir, 'life.pcapng');
  writeFileSync(file, captureOf(LIFE));
  for (const [args, message] of [
    [['empty'], 'it is empty'],
    [['text'], 'it is neither a capture'],
    [['lines'], 'no line holds a transcript'],
    [['absent'], 'cannot be read (ENOENT)'],
    [['.'], 'it is no file'],
    [
      ['life.pcapng', '--port', '7'],
      'it holds no connection to port 7; --port chooses another, such as 1003',
    ],
  ] as const)
    t.match(await conformHere('inspect', join(dir, args[0]), ...args.slice(1)), { status: 2, err: message });
});

t.test('without --port, the only port of a capture counts', async (t) => {
  const file = join(t.testdir(), 'other.pcapng');
  const packets = new ConnectionPackets({ host: '::1', port: 40_000 }, { host: '::1', port: 7003 });
  const blocks = [captureHeader(), packets.open(BEGAN), packets.data('client', update(), BEGAN + 1)];
  writeFileSync(file, Buffer.concat([...blocks, packets.fin('client', BEGAN + 2)]));
  const { status, out, err } = await conformHere('inspect', file);
  t.equal(status, 0);
  t.match(out, /conversation 1: \[::1\]:40000 > \[::1\]:7003/);
  t.match(err, '5 packets, 1 conversation\n');
});

t.test('nothing of a capture reaches a terminal unescaped', async (t) => {
  const file = join(t.testdir(), 'hostile.pcapng');
  const evil = '\u001b[2J\u202e\u0007';
  writeFileSync(
    file,
    captureOf([
      [
        ['>', submit({ task_id: evil, task_description: evil })],
        ['<', answer({ task_id: evil, message: evil })],
      ],
      [['>', update({ task_id: evil, status: evil })]],
      [['>', results({ task_id: evil, result_type: evil, filename: evil })]],
    ]),
  );
  for (const args of [[], ['--json']]) {
    const { out, err } = await conformHere('inspect', file, ...args);
    t.strictSame((out + err).replaceAll('\n', '').match(UNSAFE), null);
  }
});

t.test('--export-vectors writes each stream with its frames, as the vectors of the kit', async (t) => {
  const file = join(t.testdir(), 'life.pcapng');
  const cut: Step[] = [
    ['>', submit().subarray(0, 20)],
    ['>', 'fin'],
    ['<', 'fin'],
  ];
  writeFileSync(file, captureOf([...LIFE, ...LIFE, cut]));
  const to = join(file, '..', 'vectors.json');
  t.match(await conformHere('inspect', file, '--export-vectors', to), { status: 0 });
  const written = JSON.parse(readFileSync(to, 'utf8'));
  const ajv = new Ajv2020({ strict: false });
  const schemaOf = (name: string) => JSON.parse(readFileSync(`fixtures/schema/${name}.schema.json`, 'utf8'));
  ajv.addSchema(schemaOf('common'));
  t.ok(ajv.validate(schemaOf('frames'), written), JSON.stringify(ajv.errors));
  t.strictSame(
    written.vectors.map(({ ending, frames }: { ending: string; frames: readonly { type: number }[] }) => [
      ending,
      ...frames.map(({ type }) => type),
    ]),
    [['clean', 1], ['clean', 3], ['clean', 4], ['truncated']],
  );
});

t.test('--export-corpus writes what senders sent, each stream once', async (t) => {
  const dir = t.testdir();
  const file = join(dir, 'life.pcapng');
  writeFileSync(file, captureOf([...LIFE, ...LIFE]));
  const corpus = join(dir, 'corpus');
  t.match(await conformHere('inspect', file, '--export-corpus', corpus), { status: 0 });
  const inputs = readdirSync(corpus).map((name) => readFileSync(join(corpus, name)));
  t.equal(inputs.length, 3);
  t.ok(inputs.some((bytes) => bytes.equals(submit())));
});
