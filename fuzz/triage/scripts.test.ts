import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { closedPort, listen } from '../../conformance/testing/loopback.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import { type Case, EXACT } from '../case/case.ts';
import { type Fault, serve } from '../testing/servers.ts';
import type { Finding } from './finding.ts';
import { reproducers } from './scripts.ts';

t.jobs = 4;

const submit = (id: string) =>
  ({
    do: 'frame',
    type: 1,
    declared: EXACT,
    payload: Buffer.from(`{"task_id":"${id}"}`),
  }) as const;

const findingOf = (value: Case): Finding => ({
  ...{ id: 'reacts-00000000', invariant: 'reacts', clause: 'S8', detail: '', symptom: '', value },
  ...{
    failed: 3,
    attempts: 3,
    isMinimal: true,
    distinguishing: [],
    origin: { lane: 'given' },
    mutations: [],
  },
  ...{ originalBytes: 0, transcript: [], wire: [], target: {} },
});

/** Runs both programs. Returns what they print, and their exit status. */
async function reproduce(t: Test, value: Case, { host, port }: Address, seconds: number) {
  const dir = await mkdtemp(join(tmpdir(), 'conform-t-'));
  const { bash, node } = reproducers(findingOf(value));
  return Promise.all(
    [
      { program: 'bash', name: 'x.sh', text: bash },
      { program: process.execPath, name: 'x.mjs', text: node },
    ].map(async ({ program, name, text }) => {
      await writeFile(join(dir, name), text);
      const { NODE_OPTIONS: _, ...env } = process.env;
      const child = spawn(program, [join(dir, name), host, String(port), String(seconds)], {
        env,
        stdio: 'pipe',
      });
      t.teardown(() => child.kill());
      const out: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => out.push(text));
      const [status] = await once(child, 'close');
      return { status, out: out.join('') };
    }),
  );
}

/** Seconds: more than an exchange takes that ends, and few for one that does not. */
const LONG = 60;
const SHORT = 3;

async function reproduceOn(t: Test, value: Case, seconds: number, fault?: Fault) {
  const server = await serve(fault);
  t.teardown(server.close);
  return reproduce(t, value, server.address, seconds);
}

const one: Case = { arrangement: 'at-once', connections: [[submit('one')]] };
const ANSWERED = /t[\s\S]*a[\s\S]*s[\s\S]*k[\s\S]*\n(?:answered|closed)\nthe target still listens\n$/;

t.test('an answer', async (t) => {
  for (const { status, out } of await reproduceOn(t, one, LONG)) {
    t.equal(status, 0, out);
    t.match(out, ANSWERED);
  }
});

t.test('a close without an answer', async (t) => {
  const closes: Fault = (_, socket) => {
    socket.end();
    return 'handled';
  };
  for (const { status, out } of await reproduceOn(t, one, LONG, closes)) {
    t.equal(status, 0, out);
    t.match(out, /^closed.*\nthe target still listens\n$/);
  }
});

t.test('an answer, and the connection stays open', async (t) => {
  const keeps: Fault = (_, socket) => {
    socket.write('task_id');
    return 'handled';
  };
  for (const { status, out } of await reproduceOn(t, one, SHORT, keeps)) {
    t.equal(status, 0, out);
    t.match(out, /k[\s\S]*_[\s\S]*i[\s\S]*d[\s\S]*the target still listens\n$/);
  }
});

t.test('a hang, on one connection of several', async (t) => {
  const hangs: Fault = ({ text }) => (text.includes('two') ? 'handled' : undefined);
  const connections = [[submit('one')], [submit('two')], [submit('three')]];
  const results = await Promise.all(
    (['at-once', 'in-turn'] as const).map((arrangement) =>
      reproduceOn(t, { arrangement, connections }, SHORT, hangs),
    ),
  );
  for (const { status, out } of results.flat()) {
    t.equal(status, 1, out);
    t.equal(out.match(/no reaction within 3 s/g)?.length, 1, out);
    t.match(out, /the target still listens\n$/);
  }
});

t.test('no connection', async (t) => {
  for (const { status, out } of await reproduce(t, one, await closedPort(), LONG)) {
    t.equal(status, 1, out);
    t.match(out, /the target no longer listens\n$/);
  }
});

t.test('what the target sends reaches no terminal as it is', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const server = await listen((socket) => socket.end(bytes));
  t.teardown(server.close);
  const value: Case = { arrangement: 'at-once', connections: [[submit('a')]] };
  for (const { out } of await reproduce(t, value, server.address, 5)) {
    t.match(out, /x80|200/);
    t.notMatch(out, /[^ -~\n]/);
  }
});
