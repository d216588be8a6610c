import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { closedPort, type Loopback, listen } from '../../conformance/testing/loopback.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Case, EXACT, encodeActions } from '../case/case.ts';
import { addDigests, digestOf } from '../case/digest.ts';
import { readSent } from '../case/sent.ts';
import { Generator } from '../generate/generate.ts';
import type { Target } from '../target/target.ts';
import { ALIVE, type Fault, frameOf, serve, serveSeveral } from '../testing/servers.ts';
import type { Finding } from '../triage/finding.ts';
import { campaign } from './campaign.ts';
import type { CampaignEvent, CampaignOptions, Progress } from './types.ts';

const runOf = async (options: Omit<CampaignOptions, 'newTaskId'>) => {
  const events: CampaignEvent[] = [];
  for await (const event of campaign({ ...options, newTaskId })) events.push(event);
  const end = events.at(-1);
  if (end?.kind !== 'end') throw new Error(`ended with ${end?.kind}`);
  const findings = events.flatMap((event) => (event.kind === 'finding' ? [event.finding] : []));
  return { end, progress: end.progress, findings };
};

const LEAK: Finding = {
  ...{ id: 'frees-resources-00000000', invariant: 'frees-resources', clause: 'F5', detail: 'it grew' },
  ...{ symptom: 'frees-resources F5: the number of descriptors', failed: 1, attempts: 1, isMinimal: false },
  value: { arrangement: 'at-once', connections: [] },
  origin: { lane: 'given' },
  ...{ distinguishing: [], mutations: [], originalBytes: 0, transcript: [], wire: [], target: {} },
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Fuzzes a server with a fault until the first finding. */
async function fuzz(
  t: Test,
  fault: Fault,
  more: Partial<CampaignOptions> = {},
): Promise<{ findings: Finding[]; progress: Progress }> {
  const server = await serve(fault);
  t.teardown(server.close);
  const target = { address: server.address };
  return runOf({ target, seed: 1, runs: 6000, jobs: 16, maxFindings: 1, ...more });
}

t.test('a conforming server: no finding, and the same cases whatever the jobs', async (t) => {
  const server = await serve();
  t.teardown(server.close);
  const target = { address: server.address };
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  const one = await runOf({ target, seed: 3, runs: 150, jobs: 1 });
  const many = await runOf({ target, seed: 3, runs: 150, jobs: 48 });
  t.strictSame([...one.findings, ...many.findings], []);
  t.equal(one.end.because, 'runs');
  t.equal(one.progress.stats.cases, 150);
  t.equal(one.progress.stats.baseCases, 105, '30 of 100 are of the feedback lane');
  t.equal(one.progress.stats.digest, many.progress.stats.digest);
  t.ok(one.progress.corpus.size > 10);
  const other = await runOf({ target, seed: 4, runs: 150, jobs: 16 });
  t.not(other.progress.stats.digest, one.progress.stats.digest);
  t.strictSame(warnings, [], 'no warning about listeners');
});

t.test('an answer to a frame that gets none is found and minimised', async (t) => {
  const fault: Fault = ({ type, text }, socket) => {
    if (type !== 3 || !text.includes('ACC')) return undefined;
    socket.end(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
    return 'handled';
  };
  const { findings } = await fuzz(t, fault);
  const [finding] = findings;
  t.match(finding, {
    invariant: 'answers-submits-only',
    clause: 'U1',
    failed: 3,
    attempts: 3,
    isMinimal: true,
  });
  t.equal(
    encodeActions(finding?.value.connections[0] ?? [])
      .subarray(8)
      .toString(),
    'ACC',
  );
});

t.test('one cause is one finding, whatever the cases that show it', async (t) => {
  const { findings, progress } = await fuzz(
    t,
    ({ type, text }, socket) => {
      if (type === 1) return undefined;
      const message = `got ${text.length} bytes ${text.slice(0, 5)}`;
      socket.end(frameOf(JSON.stringify({ task_id: '', status: 400, message })));
      return 'handled';
    },
    { runs: 400, maxFindings: 20 },
  );
  t.match(findings, [{ invariant: 'answers-submits-only', failed: 3, isMinimal: true }]);
  t.equal(findings.length, 1);
  t.ok((progress.occurrences[findings[0]?.id ?? ''] ?? 0) > 100, 'the others are counted');
});

t.test('a hang is found with a short deadline and confirmed with a long one', async (t) => {
  const { findings } = await fuzz(t, ({ text }) => (text.includes('\\u0000') ? 'handled' : undefined), {
    deadlineMs: 1000,
  });
  t.match(findings, [{ invariant: 'reacts', failed: 3 }]);
  t.equal(
    encodeActions(findings[0]?.value.connections[0] ?? [])
      .subarray(8)
      .toString(),
    '\\u0000',
  );
});

t.test('a pause within an answer is no fault, but an answer that never becomes whole is', async (t) => {
  let served = 0;
  const pausing =
    (isOver: boolean): Fault =>
    (_, socket) => {
      served += 1;
      if (served % 40 !== 0 && !isOver) return undefined;
      const end = socket.end.bind(socket);
      socket.end = ((bytes?: Buffer) => {
        // The end of the peer's side does not end the answer.
        if (bytes === undefined) return socket;
        socket.write(bytes.subarray(0, 8));
        if (!isOver) setTimeout(() => end(bytes.subarray(8)), 2000);
        return socket;
      }) as Socket['end'];
      return undefined;
    };
  const { findings } = await fuzz(t, pausing(false), { runs: 120 });
  t.strictSame(findings, []);
  const isLong = (text: string): boolean => text.length > 1000;
  const half = await fuzz(
    t,
    (frame, socket) => (isLong(frame.text) ? pausing(true)(frame, socket) : undefined),
    {
      ...{ deadlineMs: 500, maxFindings: 1 },
    },
  );
  t.match(half.findings, [{ invariant: 'reacts', failed: 3, attempts: 3 }]);
});

t.test('a target that serves several frames on a connection gets them on one connection', async (t) => {
  const fine = await serveSeveral();
  t.teardown(fine.close);
  const shared = await runOf({ target: { address: fine.address }, seed: 3, runs: 300, jobs: 4 });
  t.strictSame(shared.findings, []);
  t.ok(shared.progress.stats.shared > 120, `${shared.progress.stats.shared}`);
  const other = await serve();
  t.teardown(other.close);
  const alone = await runOf({ target: { address: other.address }, seed: 3, runs: 300, jobs: 4 });
  t.equal(alone.progress.stats.shared, 0);
  t.equal(shared.progress.stats.digest, alone.progress.stats.digest, 'the same cases');
});

t.test('one finding for an answer that no frame should get, whatever shares its connection', async (t) => {
  const answer = frameOf('{"task_id":"","status":400,"message":"ok"}');
  for (const [type, answers, clause] of [
    [1, Buffer.concat([answer, answer]), 'S1'],
    [3, answer, 'U1'],
  ] as const) {
    const server = await serveSeveral((frame, socket) => {
      if (frame.type !== type) return undefined;
      socket.write(answers);
      return 'handled';
    });
    t.teardown(server.close);
    const { findings } = await runOf({ target: { address: server.address }, seed: 1, runs: 600, jobs: 8 });
    // A late answer may be taken for that of the next case on the connection, whose id is another one.
    const unneeded = findings.filter(({ invariant }) => invariant === 'answers-submits-only');
    const shown = unneeded.map((finding) => `${finding.clause} ${finding.failed} ${finding.symptom}`);
    t.equal(shown.length, 1, shown.join('; '));
    t.match(unneeded, [{ clause, failed: 3 }]);
  }
});

t.test('on a shared connection, a breach by a single case is minimised', async (t) => {
  const server = await serveSeveral(({ type, text }, socket) => {
    if (type !== 3 || !text.includes('ACC')) return undefined;
    socket.write(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
    return 'handled';
  });
  t.teardown(server.close);
  const target = { address: server.address };
  const { findings } = await runOf({ target, seed: 1, runs: 6000, jobs: 8, maxFindings: 1 });
  t.match(findings, [{ invariant: 'answers-submits-only', failed: 3, isMinimal: true }]);
  const [actions = []] = findings[0]?.value.connections ?? [];
  t.equal(encodeActions(actions).subarray(8).toString(), 'ACC');
});

t.test('on a shared connection, a breach that needs an earlier frame is minimised', async (t) => {
  const results = new WeakSet<Socket>();
  const server = await serveSeveral(({ type, text }, socket) => {
    if (type === 4) results.add(socket);
    if (type !== 3 || !text.includes('ACC') || !results.has(socket)) return undefined;
    socket.write(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
    return 'handled';
  });
  t.teardown(server.close);
  const target = { address: server.address };
  const options = { target, seed: 1, runs: 6000, jobs: 8, maxFindings: 1, weights: { sequence: 0 } };
  const { findings } = await runOf(options);
  t.match(findings, [{ invariant: 'answers-submits-only', failed: 3 }]);
  const [actions = []] = findings[0]?.value.connections ?? [];
  t.strictSame(
    readSent(actions).frames.map(({ type }) => type),
    [4, 3],
  );
});

t.test('a target that stops is restarted, and the crashing case is found', async (t) => {
  let server: Loopback | undefined;
  let crashes = 0;
  const fault: Fault = ({ text }) => {
    if (!text.includes('1e400') && !text.includes('\\\\"')) return undefined;
    crashes += 1;
    server?.close();
    return 'handled';
  };
  server = await serve(fault);
  const { address } = server;
  t.teardown(() => server?.close());
  const restart = async (): Promise<void> => {
    server?.close();
    server = await serve(fault, address.port);
  };
  const { findings, progress } = await runOf({
    target: {
      address,
      restart,
      describeEnd: async () => ({ ended: 'signal SIGKILL', lines: ['panic: boom'] }),
    },
    seed: 4,
    runs: 4000,
    jobs: 16,
    maxFindings: 2,
  });
  t.equal(findings.length, 2, 'two causes, two findings');
  for (const { invariant, detail, said, value } of findings) {
    t.equal(invariant, 'survives');
    t.match(detail, /signal SIGKILL/);
    t.strictSame(said, { ended: 'signal SIGKILL', lines: ['panic: boom'] });
    const payload = encodeActions(value.connections[0] ?? [])
      .subarray(8)
      .toString();
    t.ok(['1e400', '\\\\"'].includes(payload), payload);
  }
  t.ok(progress.restarts >= 2);
  t.ok(crashes >= progress.restarts);
});

t.test('cases of a known crash are not sent again, however many there are', async (t) => {
  let server: Loopback | undefined;
  const fault: Fault = ({ type }) => {
    if (type !== 2) return undefined;
    server?.close();
    return 'handled';
  };
  server = await serve(fault);
  const { address } = server;
  t.teardown(() => server?.close());
  const restart = async (): Promise<void> => {
    server?.close();
    server = await serve(fault, address.port);
  };
  // Of the cases of this seed that stop the target, two are among those that are sent all the same.
  const options = { target: { address, restart }, seed: 21, runs: 3000, jobs: 4 };
  const { findings, progress } = await runOf(options);
  t.match(findings, [{ invariant: 'survives', failed: 3, attempts: 3, isMinimal: true }]);
  t.equal(findings.length, 1);
  t.ok(progress.stats.skipped > 50, `${progress.stats.skipped} cases are skipped`);
  const tests = (progress.occurrences[findings[0]?.id ?? ''] ?? 0) - 1;
  t.ok(tests > 0 && tests < 6, `${tests} of them are sent nevertheless, to see whether they are harmless`);
  const generator = new Generator(21);
  const planned = Array.from({ length: 2100 }, (_, index) => digestOf(generator.at(index).value));
  t.equal(progress.stats.digest, planned.reduce(addDigests), 'the digest is of what was planned');
});

t.test('what a crash seems to be about is sent again as soon as it proves harmless', async (t) => {
  let server: Loopback | undefined;
  // That the length is even is no feature, so all cases with these brackets seem to stop the target.
  const fault: Fault = ({ text }) => {
    if (!text.includes('[[[[') || text.length % 2 === 1) return undefined;
    server?.close();
    return 'handled';
  };
  server = await serve(fault);
  const { address } = server;
  t.teardown(() => server?.close());
  const restart = async (): Promise<void> => {
    server?.close();
    server = await serve(fault, address.port);
  };
  const odd = Array.from({ length: 300 }, (_, n) => `[[[[[${String(n).padStart(4, '0')}`);
  const given = ['[[[[', ...odd].map(
    (text): Case => ({
      arrangement: 'at-once',
      connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from(text) }]],
    }),
  );
  const { findings, progress } = await runOf({
    target: { address, restart },
    seed: 2,
    runs: 1,
    jobs: 4,
    given,
  });
  t.equal(findings.length, 1);
  const { skipped } = progress.stats;
  t.ok(skipped > 0 && skipped < odd.length / 2, `${skipped} cases are skipped`);
});

/** A frame of type 77. */
const STOP: Case = {
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type: 77, declared: EXACT, payload: Buffer.from('{}') }]],
};
t.test('cases that would stop the target by a known finding are drawn again', async (t) => {
  let server: Loopback | undefined;
  let crashes = 0;
  const fault: Fault = ({ type, text }) => {
    // The calibration sends a frame of type 99.
    if ((type <= 4 || type === 99) && !text.includes('\\u0000')) return undefined;
    crashes += 1;
    server?.close();
    return 'handled';
  };
  server = await serve(fault);
  const { address } = server;
  t.teardown(() => server?.close());
  const restart = async (): Promise<void> => {
    server?.close();
    server = await serve(fault, address.port);
  };
  let before = 0;
  let stats: Progress['stats'] | undefined;
  const ended: unknown[] = [];
  const target = { address, restart, life: ALIVE };
  const options = { target, seed: 2, runs: 3000, jobs: 16, maxFindings: 50, newTaskId };
  for await (const event of campaign(options)) {
    if (event.kind === 'finding') before = crashes;
    if (event.kind !== 'end') continue;
    stats = event.progress.stats;
    ended.push(
      event.because,
      event.progress.findings.map(({ id }) => id),
    );
  }
  const { cases = 0, skipped = 0 } = stats ?? {};
  // None is sent where the next draws match too, which depends on the case that taught the pattern.
  t.ok(cases > 2950, `another case is sent for nearly each: ${cases}`, { ended });
  t.ok(skipped > 100, `${skipped} draws were avoided`);
  t.ok(crashes - before < 20, `${crashes - before} crashes after the last finding`);
});

t.test('a target that stops and does not come back ends the campaign', async (t) => {
  const server = await serve(({ type }) => {
    if (type === 77) server.close();
    return undefined;
  });
  const events: CampaignEvent['kind'][] = [];
  const given = [STOP];
  const options = { target: { address: server.address, recoveryMs: 50 }, seed: 1, runs: 500, jobs: 4, given };
  for await (const event of campaign({ ...options, newTaskId })) events.push(event.kind);
  t.ok(events.includes('finding'), 'with the cases that were in flight');
  t.equal(events.at(-1), 'end');
});

t.test('a target that refuses every task from some time on is lost, and no case is the cause', async (t) => {
  for (const canRestart of [false, true]) {
    let submits = 0;
    const server = await serve(({ type, text }, socket) => {
      const [, id] = /"task_id":"([\w-]+)"/.exec(text) ?? [];
      if (type !== 1 || id === undefined || !isJson(text) || ++submits < 100) return undefined;
      socket.end(frameOf(JSON.stringify({ task_id: id, status: 400, message: 'no more today' })));
      return 'handled';
    });
    t.teardown(server.close);
    const restart = canRestart ? { restart: async () => {} } : {};
    const target = { address: server.address, recoveryMs: 300, ...restart };
    const { end, findings } = await runOf({ target, seed: 1, runs: 2000, jobs: 4 });
    t.equal(end.because, 'target-lost');
    t.match(findings, [{ invariant: 'serves-after', isUnpinned: true, failed: 1, attempts: 1 }]);
    t.equal(findings.length, 1);
  }
});

t.test(
  'a target that stops between two batches: the finding holds the cases that were sent last',
  async (t) => {
    const server = await serve();
    t.teardown(server.close);
    const given = Array.from(
      { length: 100 },
      (_, nth): Case => ({
        arrangement: 'at-once',
        connections: [[{ do: 'frame', type: 3, declared: EXACT, payload: Buffer.from(`${nth}`) }]],
      }),
    );
    const target = { address: server.address, recoveryMs: 50 };
    let sent = 0;
    let finding: Finding | undefined;
    for await (const event of campaign({ target, seed: 1, runs: 1, jobs: 1, given, newTaskId })) {
      if (event.kind === 'progress' && sent === 0) {
        sent = event.progress.stats.cases;
        await server.close();
      } else if (event.kind === 'finding') finding = event.finding;
    }
    t.match(finding, { invariant: 'survives', isUnpinned: true, value: given[sent - 1] });
  },
);

t.test('after a leak, a death without a case is another fault if it has a report of its own', async (t) => {
  const report = [
    '==7==ERROR: AddressSanitizer: FPE on unknown address 0x55',
    '    #0 0x55 in f /src/a.c:12',
  ];
  for (const lines of [report, []]) {
    let server = await serve();
    t.teardown(() => server.close());
    const { address } = server;
    const target: Target = {
      address,
      life: ALIVE,
      restart: async () => {
        server = await serve(undefined, address.port);
      },
      describeEnd: async () => ({ ended: 'exit status 1', lines }),
    };
    const options = { target, seed: 1, jobs: 4, minimiseMs: 1, newTaskId };
    const { progress, findings } = await runOf({ ...options, runs: 10 });
    t.strictSame(findings, []);
    const saved = { ...progress.state(), findings: [LEAK] };
    let isOver = false;
    const seen: Finding[] = [];
    for await (const event of campaign({ ...options, runs: 200, saved })) {
      if (event.kind === 'progress' && !isOver) {
        isOver = true;
        await server.close();
      } else if (event.kind === 'finding') seen.push(event.finding);
    }
    t.match(seen, lines === report ? [{ invariant: 'survives', isUnpinned: true }] : []);
    t.equal(seen.length, lines === report ? 1 : 0);
  }
});

t.test('an unreachable target', async (t) => {
  const events: CampaignEvent[] = [];
  for await (const event of campaign({
    target: { address: await closedPort() },
    seed: 1,
    jobs: 1,
    newTaskId,
  }))
    events.push(event);
  t.match(events, [{ kind: 'unreachable', code: 'ECONNREFUSED' }]);
});

/** What accepts a connection without a server, by what it does with the connection. */
const WITHOUT_SERVER: Readonly<Record<string, (socket: Socket) => void>> = {
  closes: (socket) => socket.end(),
  'closes after the first byte': (socket) => socket.once('data', () => socket.end()),
  'resets after the first byte': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  'is silent': (socket) => socket.resume(),
  'sends a part of a frame': (socket) => socket.end(Buffer.of(0, 0, 0, 1, 0)),
  'speaks another protocol': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
};

for (const [name, behave] of Object.entries(WITHOUT_SERVER)) {
  t.test(`a port that ${name} is no target`, async (t) => {
    const [nothing, server] = [await listen(behave), await serve()];
    for (const { close } of [nothing, server]) t.teardown(close);
    const eventsFor = async (target: Target): Promise<CampaignEvent[]> => {
      const events: CampaignEvent[] = [];
      for await (const event of campaign({ target, seed: 1, runs: 1, deadlineMs: 300, newTaskId }))
        events.push(event);
      return events;
    };
    t.strictSame(await eventsFor({ address: nothing.address }), [{ kind: 'unanswered', role: 'target' }]);
    t.strictSame(await eventsFor({ address: server.address, against: nothing.address }), [
      { kind: 'unanswered', role: 'against' },
    ]);
  });
}

t.test('the time counts from before the calibration', async (t) => {
  const target = await serve();
  t.teardown(target.close);
  // A byte a second, which the calibration waits for up to its deadlines.
  const trickling = await listen((socket) => {
    const timer = setInterval(() => socket.write('{'), 1000);
    socket.resume().on('close', () => clearInterval(timer));
  });
  t.teardown(trickling.close);
  const eventsFor = async ({ address }: Loopback): Promise<CampaignEvent[]> => {
    const events: CampaignEvent[] = [];
    const options = { seed: 1, timeMs: 500, newTaskId };
    for await (const event of campaign({ target: { address }, ...options })) events.push(event);
    return events;
  };
  t.strictSame(await eventsFor(trickling), [{ kind: 'out-of-time' }]);
  t.match((await eventsFor(target)).at(-1), { kind: /^(end|out-of-time)$/ });
});

t.test('the implementation that the target is compared with stops', async (t) => {
  const one = await serve();
  t.teardown(one.close);
  let count = 0;
  const other: Loopback = await serve(() => {
    count += 1;
    if (count === 100) other.close();
    return undefined;
  });
  const target = { address: one.address, against: other.address };
  const { end, findings } = await runOf({ target, seed: 1, runs: 2000, jobs: 8 });
  t.equal(end.because, 'against-lost');
  t.strictSame(findings, [], 'and it is not a failure of the target');
});

t.test('the last finding ends the campaign, whatever else the same batch showed', async (t) => {
  const server = await serve(({ type }, socket) => {
    if (type !== 3 && type !== 4) return undefined;
    socket.end(frameOf(`{"task_id":"a","status":20${type},"message":"ok"}`));
    return 'handled';
  });
  t.teardown(server.close);
  const target = { address: server.address };
  const { end, findings } = await runOf({ target, seed: 1, runs: 2000, jobs: 16, maxFindings: 1 });
  t.equal(findings.length, 1);
  t.equal(end.because, 'findings');
});

/** The events of a campaign that is interrupted at the first event of this kind, or by the server. */
async function interrupted(
  at: CampaignEvent['kind'] | 'never',
  options: Omit<CampaignOptions, 'newTaskId' | 'signal' | 'seed'>,
  interruption = new AbortController(),
): Promise<CampaignEvent[]> {
  const events: CampaignEvent[] = [];
  const { signal } = interruption;
  for await (const event of campaign({ seed: 1, jobs: 8, ...options, newTaskId, signal })) {
    events.push(event);
    if (event.kind === at) interruption.abort();
  }
  return events;
}

const answersUpdates: Fault = ({ type }, socket) => {
  if (type !== 3) return undefined;
  socket.end(frameOf('{"task_id":"a","status":200,"message":"ok"}'));
  return 'handled';
};

t.test('what was seen when a campaign is interrupted is not lost, and nothing is invented', async (t) => {
  const faulty = await serve(answersUpdates);
  t.teardown(faulty.close);
  const target = { address: faulty.address };
  const early = await interrupted('start', { target });
  t.match(early.at(-1), { kind: 'end', because: 'interrupted' });
  const candidate = await interrupted('candidate', { target });
  t.match(
    candidate.find(({ kind }) => kind === 'investigated'),
    { outcome: 'ended' },
  );
  const found = await interrupted('finding', { target });
  t.match(found.slice(found.findIndex(({ kind }) => kind === 'candidate')), [
    { kind: 'candidate' },
    { kind: 'investigated', outcome: 'confirmed' },
    { kind: 'finding' },
  ]);
  t.match(candidate.slice(-2), [
    { kind: 'finding', finding: { invariant: 'answers-submits-only', failed: 1, isMinimal: false } },
    { kind: 'end', because: 'interrupted' },
  ]);

  const calibrating = new AbortController();
  const silent = await serve(() => {
    calibrating.abort();
    return 'handled';
  });
  t.teardown(silent.close);
  t.match(await interrupted('never', { target: { address: silent.address } }, calibrating), [
    { kind: 'interrupted' },
  ]);

  // Both may get the signal of a terminal: that the target ends then is no crash.
  const together = new AbortController();
  let frames = 0;
  const ending: Loopback = await serve(({ type }, socket) => {
    frames += type === 1 ? 0 : 1;
    if (type === 1 || frames < 40) return undefined;
    together.abort();
    ending.close();
    socket.destroy();
    return 'handled';
  });
  const kinds = (await interrupted('never', { target: { address: ending.address } }, together)).map(
    ({ kind }) => kind,
  );
  t.notOk(kinds.includes('finding'));
  t.equal(kinds.at(-1), 'end');
});

t.test('a restart that does not end keeps no campaign from ending', async (t) => {
  const targetFor = async (): Promise<Target> => {
    const server = await serve(({ type }) => {
      if (type === 77) server.close();
      return undefined;
    });
    t.teardown(server.close);
    return { address: server.address, restart: () => new Promise(() => {}) };
  };
  const timed = runOf({ target: await targetFor(), seed: 1, jobs: 4, timeMs: 3000, given: [STOP] });
  const interruption = new AbortController();
  const target = await targetFor();
  const restart = (): Promise<void> => {
    interruption.abort();
    return new Promise(() => {});
  };
  const stopped = await interrupted('never', { target: { ...target, restart }, given: [STOP] }, interruption);
  for (const end of [stopped.at(-1), (await timed).end]) t.equal(end?.kind, 'end');
  t.match(stopped.at(-1), { because: 'interrupted' });
  t.match((await timed).end, { because: 'time' });
  t.match((await timed).findings, [{ invariant: 'survives' }], 'what was seen is reported');
});

t.test('an interruption while the smallest case is confirmed leaves the smallest case', async (t) => {
  const interruption = new AbortController();
  // The smallest update with these bytes: the confirmation of it is the last thing that is sent.
  let smallest = 0;
  const server = await serve((frame, socket) => {
    if (frame.type !== 3) return undefined;
    if (frame.payload.length === 0) smallest += 1;
    if (smallest === 2) interruption.abort();
    return answersUpdates(frame, socket);
  });
  t.teardown(server.close);
  const events = await interrupted('never', { target: { address: server.address } }, interruption);
  t.match(events.slice(-2), [
    { kind: 'finding', finding: { failed: 2, attempts: 2 } },
    { kind: 'end', because: 'interrupted' },
  ]);
});

t.test('a crash is saved although the target cannot be started again', async (t) => {
  for (const restarts of [0, 1, 3]) {
    let server: Loopback | undefined;
    const fault: Fault = ({ text }) => {
      if (!text.includes('1e400')) return undefined;
      server?.close();
      return 'handled';
    };
    server = await serve(fault);
    const { address } = server;
    t.teardown(() => server?.close());
    let left = restarts;
    const restart = async (): Promise<void> => {
      if (left === 0) throw new Error('the command ended');
      left -= 1;
      server?.close();
      server = await serve(fault, address.port);
    };
    const { end, findings } = await runOf({ target: { address, restart }, seed: 4, runs: 4000, jobs: 16 });
    t.match(end, { because: 'target-lost', detail: 'the command ended' }, `after ${restarts} restarts`);
    t.match(findings, [{ invariant: 'survives' }]);
  }
});
