import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { closedPort, type Loopback, listen } from '../../../conformance/testing/loopback.ts';
import { type Action, type Case, EXACT } from '../../case/case.ts';
import type { InvariantId } from '../../oracle/invariants.ts';
import { type Fault, frameOf, serve, serveSeveral } from '../../testing/servers.ts';
import { planOf, type Reproducible } from './plan.ts';
import { reproducers } from './reproducers.ts';

// They wait most of the time.
t.jobs = 3;
const PARALLEL = { buffered: true };

const LANGUAGES = {
  bash: { program: 'bash', file: 'x.sh' },
  node: { program: process.execPath, file: 'x.mjs' },
  python: { program: 'python3', file: 'x.py' },
} as const;
type Language = keyof typeof LANGUAGES;
const ALL = Object.keys(LANGUAGES) as Language[];

const frame = (payload: string, type = 1): Action => ({
  do: 'frame',
  type,
  declared: EXACT,
  payload: Buffer.from(payload),
});
const caseOf = (...actions: Action[]): Case => ({ arrangement: 'at-once', connections: [actions] });
const legal = (id: string, to = '"b"'): string =>
  `{"task_id":"${id}","task_description":"d","from_addr":"a","to_addr":${to}}`;
const OTHER_ID = '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';

function findingOf(invariant: InvariantId, value: Case, more: Partial<Reproducible> = {}): Reproducible {
  return {
    id: `${invariant}-00000000`,
    invariant,
    clause: 'T3',
    detail: '',
    value,
    failed: 3,
    attempts: 3,
    ...more,
  };
}

async function run(t: Test, language: Language, finding: Reproducible, port: number, seconds: string) {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const { program, file } = LANGUAGES[language];
  await writeFile(join(dir, file), reproducers(finding)[language]);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(program, [join(dir, file), '127.0.0.1', String(port), seconds], { env, stdio: 'pipe' });
  t.teardown(() => child.kill());
  const out: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => out.push(text));
  const [status] = await once(child, 'close');
  return { status: Number(status), out: out.join('') };
}

/** A fresh server for each program: a case may stop it. */
type Start = () => Promise<Loopback>;

async function statuses(t: Test, finding: Reproducible, start: Start, seconds = '60', languages = ALL) {
  const results = languages.map(async (language) => {
    const server = await start();
    t.teardown(server.close);
    return [language, await run(t, language, finding, server.address.port, seconds)] as const;
  });
  return Promise.all(results);
}

/** A server that stops at the fault; `lateMs` after it. */
function stopping(isReached: (text: string) => boolean, lateMs = 0): Start {
  return async () => {
    const server: Loopback = await serve(({ text }, socket) => {
      if (!isReached(text)) return undefined;
      if (lateMs > 0) setTimeout(() => server.close(), lateMs);
      else server.close();
      socket.destroy();
      return 'handled';
    });
    return server;
  };
}

const faulty =
  (fault: Fault): Start =>
  () =>
    serve(fault);
const says = (answer: unknown, isReached: (text: string, type: number) => boolean): Fault => {
  const bytes = typeof answer === 'string' ? Buffer.from(answer) : frameOf(JSON.stringify(answer));
  return ({ text, type }, socket) => {
    if (!isReached(text, type)) return undefined;
    socket.end(bytes);
    return 'handled';
  };
};
/** Sends the bytes again and again, as fast as they are taken. */
function floods(socket: Socket, bytes: Buffer): 'handled' {
  const many = Buffer.concat(Array.from({ length: 1000 }, () => bytes));
  const more = (): void => {
    if (!socket.destroyed) socket.write(many, () => setImmediate(more));
  };
  more();
  return 'handled';
}

/** Closes after each frame, also without an answer. */
const mended: Start = () =>
  serve(says('', (text, type) => type !== 1 || !text.includes('"task_description"')));

interface Kind {
  readonly name: string;
  readonly finding: Reproducible;
  readonly broken: Start;
  /** Seconds after which a program no longer waits: few where the broken server hangs. */
  readonly seconds?: string;
  /** False where another kind has the same plan: the programs for it meet the mended server there. */
  readonly meetsMended?: false;
}

let isSpoilt = new WeakSet<object>();
const KINDS: readonly Kind[] = [
  {
    name: 'crash',
    finding: findingOf('survives', caseOf(frame('1e400'))),
    broken: stopping((text) => text === '1e400'),
  },
  {
    name: 'crash that takes a second',
    finding: findingOf('survives', caseOf(frame('1e400'))),
    broken: stopping((text) => text === '1e400', 900),
    meetsMended: false,
  },
  {
    name: 'other answers after it',
    finding: findingOf('serves-after', caseOf(frame('1e400'))),
    broken: async () => {
      const spoilt = {};
      return serve(({ text }, socket) => {
        if (text === '1e400') isSpoilt = isSpoilt.add(spoilt);
        if (!isSpoilt.has(spoilt)) return undefined;
        socket.end(
          frameOf(JSON.stringify({ task_id: JSON.parse(text).task_id ?? '', status: 400, message: 'no' })),
        );
        return 'handled';
      });
    },
    meetsMended: false,
  },
  {
    name: 'hang',
    finding: findingOf('reacts', caseOf(frame(legal('x1')))),
    broken: faulty(({ text }) => (text.includes('x1') ? 'handled' : undefined)),
    seconds: '6',
  },
  {
    name: 'hang of an update',
    finding: findingOf('reacts', caseOf(frame('{}', 3))),
    broken: faulty(({ type }) => (type === 3 ? 'handled' : undefined)),
    seconds: '6',
  },
  {
    name: 'illegal status',
    finding: findingOf('answers-legally', caseOf(frame('[]'))),
    broken: faulty(says({ task_id: 'a', status: 500, message: '' }, (text) => text === '[]')),
  },
  {
    name: 'no frame',
    finding: findingOf('answers-legally', caseOf(frame('[]'))),
    broken: faulty(says('HTTP/1.1 400', (text) => text === '[]')),
    meetsMended: false,
  },
  {
    name: 'frames without end',
    finding: findingOf('answers-legally', caseOf(frame('[]'))),
    broken: faulty(({ text }, socket) =>
      text === '[]' ? floods(socket, frameOf('{"task_id":"","status":200,"message":""}')) : undefined,
    ),
    seconds: '6',
    meetsMended: false,
  },
  {
    name: 'half an answer',
    finding: findingOf('reacts', caseOf(frame(legal('x1')))),
    broken: faulty(({ text }, socket) => {
      if (!text.includes('x1')) return undefined;
      socket.write(frameOf('{}').subarray(0, 9));
      return 'handled';
    }),
    seconds: '6',
    meetsMended: false,
  },
  {
    name: 'accepts illegal',
    finding: findingOf('accepts-legal-only', caseOf(frame(legal('x1', '7')))),
    broken: faulty(says({ task_id: 'x1', status: 200, message: '' }, (text) => text.includes('x1'))),
  },
  {
    name: 'answers an update',
    finding: findingOf('answers-submits-only', caseOf(frame('{"a":1}', 3))),
    broken: faulty(says({ task_id: '', status: 200, message: '' }, (_, type) => type === 3)),
  },
  {
    name: 'two answers',
    finding: findingOf('answers-submits-only', caseOf(frame(legal('x1')))),
    broken: faulty(({ text }, socket) => {
      if (!text.includes('x1')) return undefined;
      const answer = frameOf('{"task_id":"x1","status":200,"message":""}');
      socket.end(Buffer.concat([answer, answer]));
      return 'handled';
    }),
  },
  {
    name: "another task's id",
    finding: findingOf('answers-own-id', caseOf(frame(legal(OTHER_ID)))),
    broken: faulty(says({ task_id: 'another', status: 200, message: '' }, (text) => text.includes(OTHER_ID))),
  },
];

t.test('kinds whose programs do not meet the mended server have the plan of one whose do', async (t) => {
  const plans = (meets: boolean): string[] =>
    KINDS.filter(({ meetsMended = true }) => meetsMended === meets).map(({ finding }) => {
      const { id: _, about: __, ...plan } = planOf(finding);
      return JSON.stringify(plan);
    });
  for (const plan of plans(false)) t.ok(plans(true).includes(plan), plan);
});

for (const { name, finding, broken, seconds, meetsMended = true } of KINDS) {
  t.test(`${name}: 1 for the broken server, 0 for the mended`, PARALLEL, async (t) => {
    const [on, off] = await Promise.all([
      statuses(t, finding, broken, seconds),
      meetsMended ? statuses(t, finding, mended) : [],
    ]);
    for (const [language, { status, out }] of on) t.equal(status, 1, `${language}, broken: ${out}`);
    for (const [language, { status, out }] of off) t.equal(status, 0, `${language}, mended: ${out}`);
  });
}

t.test('a healthy server that keeps its connections owes nothing to an update', PARALLEL, async (t) => {
  const finding = findingOf('reacts', caseOf(frame('{"status":"ACCEPTED"}', 3)));
  for (const [language, { status, out }] of await statuses(t, finding, () => serveSeveral(), '60'))
    t.equal(status, 0, `${language}: ${out}`);
});

t.test('what one case on one server cannot show is said, and nothing is claimed', PARALLEL, async (t) => {
  const findings = (['frees-resources', 'keeps-to-store', 'agrees'] as const).map((invariant) =>
    findingOf(invariant, caseOf(frame('{}'))),
  );
  for (const finding of findings) t.match(planOf(finding), { check: 'none', reason: /^\w+/ });
  // The programs differ in the reason only.
  const [finding = findingOf('agrees', caseOf())] = findings;
  for (const [language, { status, out }] of await statuses(t, finding, mended))
    t.match({ status, out }, { status: 2, out: /^cannot tell: \w+/ }, language);
});

t.test('no connection, or a server that answers no legal SUBMIT', PARALLEL, async (t) => {
  const finding = findingOf('survives', caseOf(frame('1e400')));
  const { port } = await closedPort();
  for (const language of ALL)
    t.match(await run(t, language, finding, port, '60'), { status: 2, out: /cannot tell/ }, language);
  const closes: Start = () => listen((socket: Socket) => socket.end());
  for (const [language, { status, out }] of await statuses(t, finding, closes))
    t.equal(status, 2, `${language}: ${out}`);
});

/** Stops when a connection ends in this way. */
const stopsOn =
  (ending: 'end' | 'reset'): Start =>
  async () => {
    const server: Loopback = await listen((socket) => {
      let bytes = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.toString().includes('to_addr'))
          socket.end(frameOf('{"task_id":"","status":200,"message":""}'));
      });
      // A connection that is reset before it is accepted ends like a half-closed one. Only writing tells them apart.
      socket.on('end', () => (ending === 'end' && bytes.length === 3 ? server.close() : socket.end('?')));
      socket.on('error', () => ending === 'reset' && bytes.length <= 3 && server.close());
    });
    return server;
  };

t.test('a step that ends the connection, and the reset at the end that is no step', PARALLEL, async (t) => {
  const begun: Action = { do: 'bytes', bytes: Buffer.of(0, 0, 0) };
  const endings = [
    ['end', findingOf('survives', caseOf(begun, { do: 'fin' }))],
    ['reset', findingOf('survives', caseOf(begun, { do: 'pause', ms: 300 }, { do: 'reset' }))],
    ['reset', findingOf('survives', caseOf(begun))],
  ] as const;
  for (const [ending, finding] of endings) {
    for (const [language, { status, out }] of await statuses(t, finding, stopsOn(ending), '60'))
      t.equal(status, language === 'bash' ? 2 : 1, `${language}, broken: ${out}`);
    for (const [language, { status, out }] of await statuses(t, finding, mended, '60', ['node', 'python']))
      t.equal(status, 0, `${language}, mended: ${out}`);
  }
});

t.test('several connections, in turn and at once, in segments and with pauses', PARALLEL, async (t) => {
  const isThird = (text: string): boolean => text.includes('x3');
  const pieces: Action = {
    do: 'frame',
    type: 1,
    declared: EXACT,
    payload: Buffer.from(legal('x3')),
    segmentBytes: 7,
  };
  const connections: Case['connections'] = [
    [frame(legal('x1'))],
    [{ do: 'pause', ms: 5 }, frame('{}')],
    [pieces],
  ];
  for (const arrangement of ['at-once', 'in-turn'] as const) {
    const finding = findingOf('survives', { arrangement, connections });
    for (const [language, { status, out }] of await statuses(t, finding, stopping(isThird)))
      t.equal(status, 1, `${language}: ${out}`);
    for (const [language, { status, out }] of await statuses(t, finding, mended))
      t.equal(status, 0, `${language}: ${out}`);
  }
});

t.test('a case that is not steady is tried several times', PARALLEL, async (t) => {
  const start: Start = async () => {
    let seen = 0;
    return serve(({ type, text }, socket) => {
      if (type === 3) seen += 1;
      return seen < 3
        ? undefined
        : says({ task_id: '', status: 200, message: '' }, (_, type) => type === 3)(
            { type, text, payload: Buffer.alloc(0) },
            socket,
          );
    });
  };
  const finding = findingOf('answers-submits-only', caseOf(frame('{}', 3), { do: 'pause', ms: 1 }), {
    failed: 1,
  });
  for (const [language, { status, out }] of await statuses(t, finding, start))
    t.equal(status, 1, `${language}: ${out}`);
  for (const [language, { status, out }] of await statuses(t, finding, mended))
    t.match(
      { status, out },
      { status: 2, out: /cannot tell: the fault did not show, but it showed in 1 of 3/ },
      language,
    );
});

t.test('what no single case is known to show, and what only the process shows', PARALLEL, async (t) => {
  const value = caseOf(frame('1e400'));
  const unpinned = findingOf('survives', value, { isUnpinned: true });
  for (const [language, { status, out }] of await statuses(t, unpinned, mended))
    t.match({ status, out }, { status: 2, out: /but no single case is known to show it/ }, language);
  const unseen = findingOf('survives', value, { unseen: 'only the output of the process shows it' });
  t.match(planOf(unseen), { check: 'none', reason: /output/ });
});

t.test('bash reads a long input from the file next to it, and says if it is missing', PARALLEL, async (t) => {
  const finding = findingOf('survives', caseOf(frame('x'.repeat(10_000))));
  for (const [, { status, out }] of await statuses(t, finding, mended, '60', ['bash']))
    t.match({ status, out }, { status: 2, out: /cannot tell: .*x\.bin is missing/ });
});

t.test(
  'no byte of the target, of the id or of the detail reaches the terminal or the script as it is',
  PARALLEL,
  async (t) => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const finding = findingOf('answers-legally', caseOf(frame('{"task_id":"\u001b[2J$(id)`id`\'\\u0027"}')), {
      id: '\u001b[2J$(touch x)\n`id`',
      detail: '\u001b[2J\nexit 0\n*/ \u2028 `$(id)`',
      clause: "S1'\n",
    });
    const hostile: Start = () => serve(says(bytes.toString('latin1'), (text) => text.includes('$(id)')));
    for (const text of Object.values(reproducers(finding)))
      t.notMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}]/u);
    for (const [language, { status, out }] of await statuses(t, finding, hostile)) {
      t.equal(status, 1, `${language}: ${out}`);
      t.notMatch(out, /[^ -~\n]/, language);
    }
  },
);
