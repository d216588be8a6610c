import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { libraryCases } from '../cases/index.ts';
import { OPS } from '../pipe/interface.ts';
import { adapter, shellAdapter } from '../testing/adapters.ts';
import { catalogue, isQuick, isSmall, report } from '../testing/runs.ts';

/** The adapter of the reference, from its source. */
const REFERENCE = `exec '${process.execPath}' --import=./cli/testing/typescript.mjs docs/adapters/reference.ts`;

const only = (pattern: RegExp) => ({
  isSelected: (one: { readonly id: string }) => isSmall(one) && pattern.test(one.id),
});

t.test('there are at least 600 cases of vectors, each with an id of its own', async (t) => {
  const ids = catalogue.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
  t.ok(libraryCases().length >= 600, String(libraryCases().length));
  t.ok(ids.every((id) => /^library-[a-z-]+\/[a-z0-9-]+$/.test(id)));
});

t.test('each request agrees with the schema', async (t) => {
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addSchema(JSON.parse(readFileSync('fixtures/schema/adapter.schema.json', 'utf8')));
  const validators = new Map(
    OPS.map((op, at) => {
      const validate = ajv.compile({ $ref: `adapter.schema.json#/$defs/request/oneOf/${at + 1}` });
      return [op as string, validate];
    }),
  );
  for (const one of libraryCases().filter(isQuick)) {
    const validate = validators.get(one.op);
    if (!validate?.({ id: 1, op: one.op, args: one.args(0) }))
      t.fail(`${one.id}: ${ajv.errorsText(validate?.errors)}`);
  }
  const request = ajv.compile({ $ref: 'adapter.schema.json#/$defs/request' });
  t.ok(request({ id: 1, op: 'hello', args: {} }));
  t.notOk(request({ id: 1, op: 'polo', args: {} }));
  t.notOk(request({ id: 1, op: 'other', args: {} }));
});

t.test('an operation that hello does not list is not asked', async (t) => {
  const found = await report(
    adapter('if (op !== "type_name") process.exit(1); answer({ unsupported: true });', {
      ops: ['type_name'],
    }),
  );
  t.strictSame(found.end, { kind: 'end', because: 'complete' });
  t.strictSame(found.counts, { skipped: catalogue.filter(isSmall).length });
});

t.test('nothing is judged of an adapter that supports nothing', async (t) => {
  const found = await report(adapter('answer({ unsupported: true });'));
  t.strictSame(Object.keys(found.counts), ['skipped']);
  t.strictSame(Object.keys((await report(adapter('process.exit(1);', { ops: [] }))).counts), ['skipped']);
});

t.test('answers of any form are judged', async (t) => {
  const seen = new Map<string, number>();
  const ofEachKind = new Set(
    catalogue.filter(isSmall).flatMap((one) => {
      const kind = one.by === 'case' ? `${one.case.op} ${one.case.expect.kind}` : one.by;
      const count = (seen.get(kind) ?? 0) + 1;
      seen.set(kind, count);
      const isAnyValue = one.id.includes('result-object');
      return count <= 2 || one.by === 'property' || isAnyValue ? [one.id] : [];
    }),
  );
  const deep = '"[".repeat(20000) + "]".repeat(20000)';
  for (const value of [
    'null',
    '[]',
    '"x"',
    '{ frames: 1, ids: ["-".repeat(36)], created_at: 1e400, frame_hex: "0" }',
    '{ ids: Array(512).fill("-".repeat(36)), frames: [{}], text: "", final_reward: null, unix_ms: "x" }',
    '{ task_id: { repeat: "x".repeat(1000), times: 1e9 }, file_data: { hex: "", times: 5 }, status: { int64: "-" }, frame_hex: "00".repeat(8) }',
    `{ result: JSON.parse(${deep}), task_id: JSON.parse(${deep}), frame_hex: "00000001000000027b7d" }`,
  ]) {
    // A property asks hundreds of times until it has its smallest input, which takes long with such answers.
    const isDeep = value.includes('JSON.parse');
    const isSelected = ({ id, by }: (typeof catalogue)[number]): boolean =>
      ofEachKind.has(id) && !(isDeep && by === 'property');
    const write = isDeep
      ? `console.log("{\\"id\\":" + id + ",\\"ok\\":true,\\"value\\":{\\"result\\":" + ${deep} + ",\\"frame_hex\\":\\"00000001000000027b7d\\"}}");`
      : `answer({ ok: true, value: ${value} });`;
    const found = await report(adapter(write), { isSelected });
    t.strictSame(found.end, { kind: 'end', because: 'complete' }, value);
    t.ok((found.counts['fail'] ?? 0) > 0, value);
  }
});

t.test('a library that refuses everything passes no refusal', async (t) => {
  const refusing = await report(adapter('answer({ ok: false, error: "no" });'));
  const passed = [...refusing.verdicts].filter(([, { verdict }]) => verdict === 'pass');
  t.strictSame(
    passed.map(([id]) => id),
    ['library-survival/every-input'],
  );
  t.match(refusing.verdicts.get('library-decode/submit-request-top-array'), {
    ...{
      verdict: 'inconclusive',
      reason: 'its control library-decode/submit-request-all-fields did not pass',
    },
  });
  const empty = adapter('answer({ ok: true, value: { valid: false, frames: [], error: "truncated" } });');
  const found = await report(empty, only(/^library-(validate|frames)/));
  t.strictSame(
    [...found.verdicts].filter(([, { verdict }]) => verdict === 'pass'),
    [],
  );
});

t.test('a control that was not selected runs all the same, and only as one', async (t) => {
  const found = await report(REFERENCE, only(/^library-times\/month-13$/));
  t.strictSame(
    [...found.verdicts.values()].map(({ verdict }) => verdict),
    ['pass', 'pass'],
  );
});

t.test('an input that the library does not survive is named', async (t) => {
  const dies = adapter(
    'if (args.text === "2026-00-02T03:04:05Z") throw new RangeError("too much"); answer({ ok: false });',
  );
  const found = await report(dies, only(/^library-times\/month|^library-survival/));
  t.match(found.verdicts.get('library-times/month-0'), {
    verdict: 'fail',
    cause: 'the library ends, or does not answer in time',
    mismatches: [/exit status 1.*RangeError: too much/],
  });
  t.match(found.verdicts.get('library-times/month-13'), { verdict: 'inconclusive' });
  t.match(found.verdicts.get('library-survival/every-input'), { verdict: 'fail' });
});

t.test('a library that dies at each input, or never answers, ends the run soon', async (t) => {
  const dead = await report(shellAdapter('exit 1'), only(/^library-times|^library-survival/));
  t.equal(dead.counts['fail'], 13, 'twelve losses, and the sum of them');
  t.ok((dead.counts['skipped'] ?? 0) > 50);
  const deaf = await report(shellAdapter('cat > /dev/null'), {
    ...only(/^library-times|^library-survival/),
    answerMs: 200,
  });
  t.equal(deaf.counts['fail'], 4);
});

t.test('an adapter that breaks the interface cannot be run', async (t) => {
  const noise = await report(adapter('console.log("debug");'), only(/^library-times/));
  t.match(noise.end, {
    because: 'cannot-run',
    detail: /wrote what is no answer: debug; request \d+ \(parse_time\) was open/,
  });
  t.match((await report('exit 5')).end, { because: 'cannot-run', detail: /exit status 5/ });
});

t.test('what many answers decide is judged alone, too', async (t) => {
  const found = await report(REFERENCE, only(/^library-(differences|polo\/one-reading|ids\/random)/));
  t.strictSame(Object.keys(found.counts), ['pass']);
});

t.test('an integer that JSON may round is a fault of the adapter and not of the library', async (t) => {
  const plain = adapter(
    'console.log("{\\"id\\":" + id + ",\\"ok\\":true,\\"value\\":" + Buffer.from(args.payload_base64, "base64") + "}");',
  );
  const found = await report(plain, only(/^library-decode\/task-result-message-time-idle-ms-above-2-53$/));
  t.strictSame(found.causes('MUST', 'SHOULD'), [
    'the adapter writes an integer from 2^53 on as a plain number',
  ]);
});

t.test('a library that computes no parts of a reward need not name them', async (t) => {
  const reward = adapter('answer({ ok: true, value: { final_reward: 1 } });');
  const found = await report(reward, only(/^library-polo\/breakdown$/));
  t.match(found.verdicts.get('library-polo/breakdown'), { verdict: 'skipped' });
  const other = adapter('answer({ ok: true, value: { final_reward: 1, bonus: 1 } });');
  t.match((await report(other, only(/^library-polo\/breakdown$/))).verdicts.get('library-polo/breakdown'), {
    verdict: 'fail',
  });
});

t.test('bytes that are no UTF-8 are no U+FFFD', async (t) => {
  const raw = adapter(
    `const payload = Buffer.from(JSON.stringify(args.value).replace("\\ufffd", "\\u00ff"), "latin1");
     const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]);
     answer({ ok: true, value: { frame_hex: Buffer.concat([header, payload]).toString("hex") } });`,
  );
  const found = await report(raw, only(/^library-encode\/submit-request-replacement-character$/));
  t.strictSame(found.causes('MUST', 'SHOULD'), ['what is written is not UTF-8']);
});

t.test('what passes when it is repeated is flaky', async (t) => {
  const odd = adapter(
    'if (args.text.includes("-00-")) globalThis.first ??= id; answer({ ok: id === globalThis.first, value: {} });',
  );
  const found = await report(odd, { ...only(/^library-times\/month-0$/), retries: 2 });
  t.match(found.verdicts.get('library-times/month-0'), { verdict: 'fail', failedPlays: 1 });
});

t.test(
  'a library with a clock of its own is judged with a margin, and not at the exact bounds',
  async (t) => {
    const own = adapter(
      `const since = args.task.status === "NEW" ? args.task.created_at : args.task.staged_at ?? args.task.accepted_at;
     const age = Date.now() - Date.parse(since);
     const { status, staged_at, accepted_at } = args.task;
     answer({ ok: true, value: {
       accept: status === "NEW" && age > 60000,
       queue: status === "ACCEPTED" && Date.now() - Date.parse(staged_at) > 3600000,
       stalled: status === "ACCEPTED" && Date.now() - Date.parse(accepted_at) > 60000,
     } });`,
      { ops: ['expiry'] },
    );
    const found = await report(own, only(/^library-expiry/));
    t.strictSame(found.causes('MUST', 'SHOULD', 'MAY'), []);
    t.match(found.verdicts.get('library-expiry/queue-at'), { verdict: 'skipped', reason: /clock: true/ });
    t.match(found.verdicts.get('library-expiry/queue-10s-above'), { verdict: 'pass' });
  },
);

// The last one: its large inputs leave a process whose memory makes each further start of an adapter slow.
t.test('the reference passes, without a difference', async (t) => {
  const found = await report(REFERENCE, { isSelected: isQuick });
  t.strictSame(found.end, { kind: 'end', because: 'complete' });
  t.strictSame(found.causes('MUST', 'SHOULD', 'MAY'), []);
  t.strictSame(Object.keys(found.counts), ['pass']);
});
