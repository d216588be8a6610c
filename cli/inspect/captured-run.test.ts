/**
 * tcpdump captures a run of the kit on loopback. What inspect says of the capture is what it says of the transcripts of that run,
 * connection by connection. CONFORM_CAPTURE=all takes the whole catalogue; otherwise a few scenarios run. Needs root.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { type Inspected, Inspection } from '../../conformance/inspect/inspection.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { conformHere, serve } from '../testing/process.ts';
import { inspectFile } from './source.ts';

const isAll = process.env['CONFORM_CAPTURE'] === 'all';
/** Each way in which a stream is cut, joined, ended and refused, and texts of every kind. */
const FEW = ['coalesced*', 'large*', 'legal', 'reset-*', 'segments*', 'split-*', 'truncated-*', 'then-*'];
const SELECTION = isAll
  ? []
  : [...FEW.map((name) => `frame/${name}`), 'submit/malformed-*', 'submit/id-*'].flatMap((pattern) => [
      '--only',
      pattern,
    ]);

/** Whether this user may capture. */
function obstacle(): string | false {
  if (spawnSync('tcpdump', ['--version']).error) return 'there is no tcpdump';
  const { status } = spawnSync('tcpdump', ['-i', 'lo', '-d', 'tcp']);
  const isRoot = process.getuid?.() === 0;
  return status === 0 && isRoot ? false : 'this user may not capture';
}

async function inspected(file: string, ports: readonly number[]): Promise<readonly Inspected[]> {
  const all: Inspected[] = [];
  await inspectFile(file, {
    inspection: new Inspection(),
    onConversation: (one) => void all.push(one),
    ports,
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  return all;
}

/** Resolves when the capture holds what is sent now, and so all that was sent before. */
async function captures(file: string, address: string): Promise<void> {
  const [host, port] = address.split(':');
  const mark = newTaskId();
  const socket = connect(Number(port), host);
  socket.on('error', () => {}).end(mark);
  while (!readFileSync(file).includes(mark)) await setTimeout(20);
  socket.destroy();
}

/**
 * What does not depend on time, and is the same at both ends and between them. How the sender ends is not: the transcript ends
 * before the kit releases the connection, and two FINs that cross have another order at each end.
 */
function facts({ bytes, frames, frameCount, findings }: Inspected): string {
  const OTHERWISE = ['receiver/deadline', 'receiver/prompt', 'sender/whole-frame', 'sender/length'];
  const rules = findings.map(({ rule, seen }) => (/ after \d+ ms/.test(seen) ? rule : `${rule}: ${seen}`));
  return JSON.stringify({
    ...{ bytes, frameCount, frames: frames.map(({ from, text }) => `${from} ${text}`).sort() },
    rules: rules.filter((rule) => !OTHERWISE.some((one) => rule.startsWith(one))).sort(),
  });
}

t.test('a captured run and its transcripts', { skip: obstacle(), timeout: 900_000 }, async (t) => {
  const dir = t.testdir();
  const [capture, report] = [join(dir, 'run.pcap'), join(dir, 'run.jsonl')];
  const { address: server } = await serve(t);
  const port = Number(server.split(':').at(-1));
  const args = ['-i', 'lo', '-B', '65536', '-s', '0', '-U', '-w', capture, `tcp port ${port}`];
  const tcpdump = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(tcpdump, 'exit');
  t.teardown(async () => {
    tcpdump.kill('SIGKILL');
    await ended;
  });
  let said = '';
  await new Promise<void>((resolve) => {
    tcpdump.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listening on')) resolve();
    });
  });
  const run = await conformHere('--target', server, ...SELECTION, '--reporter', `jsonl=${report}`);
  t.equal(run.status, 0, 'the server conforms');
  await captures(capture, server);
  tcpdump.kill('SIGINT');
  await ended;
  t.match(said, /\n0 packets dropped by kernel/, 'the capture is whole');
  const [captured, transcripts] = [await inspected(capture, [port]), await inspected(report, [])];
  const left = new Map<string, number>();
  for (const one of captured) left.set(facts(one), (left.get(facts(one)) ?? 0) + 1);
  // A report keeps the first bytes of each side, and a reset may discard what one side has sent.
  const whole = transcripts.filter(({ gaps, ending }) => gaps.length === 0 && !ending.includes('reset'));
  const missing = whole.filter((one) => {
    const count = left.get(facts(one)) ?? 0;
    left.set(facts(one), count - 1);
    return count === 0;
  });
  t.comment(`${captured.length} connections, ${transcripts.length} transcripts, ${whole.length} compared`);
  t.ok(whole.length > 30 && captured.length >= transcripts.length, 'there is something to compare');
  t.strictSame(
    missing.map((one) => [one.sender, one.ending, facts(one)]),
    [],
  );
});
