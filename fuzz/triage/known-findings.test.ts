import t from 'tap';
import type { ProcessEnd } from '../../conformance/observers/observer.ts';
import { type Case, EXACT } from '../case/case.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { deathOf } from './deaths.ts';
import type { Finding } from './finding.ts';
import { idOfDeath } from './identity.ts';
import { KnownFindings } from './known-findings.ts';

const REFUSES: Symptom = {
  invariant: 'survives',
  clause: 'T3',
  detail: '',
  symptom: 'survives T3: refuses connections',
};
const endIn = (name: string): ProcessEnd => ({
  ended: 'exit status 1',
  lines: ['==7==ERROR: AddressSanitizer: FPE on unknown address 0x55', `    #0 0x55 in ${name} /src/a.c:12`],
});
const death = deathOf(REFUSES, endIn('a'));

const caseOf = (payload: string): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from(payload) }]],
});

const finding = (payload: string, more: Partial<Finding> = {}): Finding => ({
  ...REFUSES,
  id: idOfDeath(death) ?? '',
  value: caseOf(payload),
  ...{ failed: 3, attempts: 3, isMinimal: true, distinguishing: ['a name ""'], origin: { lane: 'given' } },
  ...{ mutations: [], originalBytes: 9, transcript: [], wire: [], target: {} },
  ...more,
});

t.test('the smallest case of a cause stays, and every occurrence counts', async (t) => {
  const known = new KnownFindings();
  const [{ id }] = [finding('')];
  t.ok(known.add(finding('a longer case', { isUnpinned: true })));
  t.notOk(known.recogniseDeath(death), 'no case explains it yet');
  t.ok(known.add(finding('abc')), 'a case replaces none');
  t.notOk(known.add(finding('abcd')));
  t.notOk(known.add(finding('a', { failed: 2 })), 'nor does one that is not steady');
  t.ok(known.add(finding('ab')));
  t.equal(known.findings.get(id)?.value.connections[0]?.length, 1);
  t.equal(known.occurrences[id], 5);
  t.equal(known.recogniseDeath(death), true);
  t.equal(known.recogniseDeath(death, caseOf('abc')), true);
  t.equal(known.recogniseDeath(death, caseOf('')), false, 'a smaller case is worth an investigation');
  t.equal(known.occurrences[id], 7);
});

t.test('a report decides, and features only where there is none', async (t) => {
  const known = new KnownFindings({
    findings: [finding('"":0', { distinguishing: ['type 1'] })],
    occurrences: {},
  });
  const cases = [caseOf('x')];
  t.ok(known.recogniseAmong(cases, REFUSES), 'the case has the features');
  t.ok(known.recogniseAmong(cases, REFUSES, death));
  t.notOk(known.recogniseAmong(cases, REFUSES, deathOf(REFUSES, endIn('b'))), 'another cause');
  t.notOk(known.recognise(caseOf('"":0'), REFUSES, deathOf(REFUSES, endIn('b'))));
});

t.test(
  'a death whose case could not be searched is like a known one, unless a report says otherwise',
  async (t) => {
    const known = new KnownFindings({
      findings: [finding('', { id: 'a', distinguishing: [] })],
      occurrences: {},
    });
    t.ok(known.recogniseUnsearched(REFUSES, undefined));
    t.equal(known.occurrences['a'], 1);
    t.notOk(known.recogniseUnsearched(REFUSES, deathOf(REFUSES, endIn('b'))), 'another cause');
    t.notOk(known.recogniseUnsearched({ ...REFUSES, symptom: 'another' }, undefined), 'another symptom');
    const unpinned = finding('', { isUnpinned: true });
    t.notOk(
      new KnownFindings({ findings: [unpinned], occurrences: {} }).recogniseUnsearched(REFUSES, undefined),
    );
  },
);

t.test('a case that contains the smallest one of the same symptom is the same fault', async (t) => {
  const smallest = finding('{"status":"x"}', { id: 'a', distinguishing: [] });
  for (const isMinimal of [true, false]) {
    const known = new KnownFindings({ findings: [smallest], occurrences: {} });
    const larger = finding('{"task_id":"b","status":"x"}', { id: 'b', isMinimal });
    t.equal(known.idOfSameFault(larger, undefined), 'a');
    t.notOk(known.add({ ...larger, id: 'a' }), 'and the smallest case stays');
    t.equal(known.idOfSameFault({ ...larger, symptom: 'another' }, undefined), undefined);
  }
});

t.test('a smallest case has the id of a larger one that was not minimised to the end', async (t) => {
  const larger = finding('{"a":"x\\n"}', { id: 'a', isMinimal: false });
  const known = new KnownFindings({ findings: [larger], occurrences: {} });
  const smallest = finding('x\\n', { id: 'b' });
  t.equal(known.idOfSameFault(smallest, undefined), 'a');
  t.ok(known.add({ ...smallest, id: 'a' }), 'and takes its place');
  for (const other of [
    finding('x\\t', { id: 'b' }),
    finding('x\\n', { id: 'b', isMinimal: false }),
    finding('x\\n', { id: 'b', cause: 'the process waits' }),
    finding('x\\n', { id: 'b', symptom: 'another' }),
  ])
    t.equal(
      new KnownFindings({ findings: [larger], occurrences: {} }).idOfSameFault(other, undefined),
      undefined,
    );
  t.equal(
    new KnownFindings({ findings: [larger], occurrences: {} }).idOfSameFault(smallest, death),
    undefined,
  );
});

t.test(
  'a case that was not minimised to the end is that of a steady finding with which it shares what no harmless case had',
  async (t) => {
    const steady = finding('"\\n"', {
      id: 'a',
      distinguishing: ['a value holds \\n', 'a value ends in \\n'],
    });
    const other = finding('"\\nx"', { id: 'b', isMinimal: false, distinguishing: ['a value holds \\n'] });
    const known = new KnownFindings({ findings: [steady], occurrences: {} });
    t.equal(known.idOfSameFault(other, undefined), 'a');
    t.notOk(known.add({ ...other, id: 'a' }), 'and the smaller case stays');
    t.equal(known.idOfSameFault({ ...other, isMinimal: true }, undefined), undefined);
    t.equal(known.idOfSameFault({ ...other, distinguishing: ['type 1'] }, undefined), undefined);
    const flaky = { ...steady, failed: 1, attempts: 3 };
    t.equal(
      new KnownFindings({ findings: [flaky], occurrences: {} }).idOfSameFault(other, undefined),
      undefined,
    );
    known.addHarmless(caseOf('{"a":"x\\ny"}'));
    t.equal(known.idOfSameFault(other, undefined), undefined, 'a harmless case had it');
  },
);

t.test('a case that a reset ends does not show that its features are harmless', async (t) => {
  const known = new KnownFindings();
  const value = caseOf('"a"');
  const [actions = []] = value.connections;
  const symptom = { ...REFUSES };
  known.addHarmless({ ...value, connections: [[...actions, { do: 'reset' }]] });
  t.ok(known.distinguishing(value, symptom).includes('type 1 first'));
  known.addHarmless(value);
  t.strictSame(known.distinguishing(value, symptom), []);
});

t.test('a failure that was not confirmed to the end is probably that of a steady finding', async (t) => {
  const hang = { invariant: 'reacts', symptom: 'reacts F6: waits', cause: 'the process waits' } as const;
  const steady = finding('{"a":"x"}', { ...hang, isMinimal: true });
  const of = (known: Finding) => new KnownFindings({ findings: [known], occurrences: {} });
  t.equal(of(steady).steadyLike(hang), steady);
  t.equal(of(steady).steadyLike({ ...hang, cause: undefined }), steady, 'the cause is not known');
  t.equal(of(steady).steadyLike({ ...hang, cause: 'the process computes' }), undefined);
  t.equal(of(steady).steadyLike({ ...hang, symptom: 'reacts F6: other' }), undefined);
  for (const other of [{ failed: 2 }, { isUnpinned: true } as const, { attempts: 1, failed: 1 }])
    t.equal(of({ ...steady, ...other }).steadyLike(hang), undefined);
  const differs = { ...hang, invariant: 'agrees', symptom: 'agrees: status' } as const;
  t.equal(
    of({ ...steady, ...differs }).steadyLike(differs),
    undefined,
    'implementations differ in several ways',
  );
});

t.test('the search for a smallest case is continued for a death that no report names', async (t) => {
  const begun = finding('{"a":"x"}', { isMinimal: false, cause: 'signal SIGABRT' });
  const abort = deathOf(REFUSES, { ended: 'signal SIGABRT', lines: [] });
  const of = (known: Finding) => new KnownFindings({ findings: [known], occurrences: {} });
  t.equal(of(begun).unfinishedLike(REFUSES, abort), begun);
  t.equal(of(begun).unfinishedLike(REFUSES, death), undefined, 'a report names the cause');
  const signal = deathOf(REFUSES, { ended: 'signal SIGSEGV', lines: [] });
  t.equal(of(begun).unfinishedLike(REFUSES, signal), undefined, 'another signal');
  for (const other of [{ isMinimal: true }, { failed: 2 }, { isUnpinned: true } as const])
    t.equal(of({ ...begun, ...other }).unfinishedLike(REFUSES, abort), undefined);
});

t.test('a death without a case is that of a finding in the same function, without its callers', async (t) => {
  const called = (...names: string[]) => {
    const [error = ''] = endIn('').lines;
    const frames = names.map((name, at) => `    #${at} 0x55 in ${name} /src/a.c:${12 + at}`);
    return deathOf(REFUSES, { ended: 'exit status 1', lines: [error, ...frames] });
  };
  const known = new KnownFindings();
  known.add(finding('', { isUnpinned: true, cause: 'AddressSanitizer FPE in look_up < submit' }));
  const [id] = known.findings.keys();
  for (const [death, expected] of [
    [called('look_up', 'submit'), id],
    [called('look_up', 'update'), id],
    [called('look_up'), id],
    [called('look', 'submit'), undefined],
    [called('look_up_all', 'submit'), undefined],
    [called('submit', 'look_up'), undefined],
    [deathOf(REFUSES, { ended: 'signal SIGSEGV', lines: [] }), undefined],
  ] as const)
    t.equal(death && known.recogniseUnpinned(death), expected, death?.end?.lines.join(' ') ?? '');
  t.equal(known.occurrences[String(id)], 4);
});

t.test(
  'several answers on a connection are explained by a finding with which the case shares the cause',
  async (t) => {
    const answers = (clause: string): Symptom => ({
      ...{ invariant: 'answers-submits-only', clause, detail: '' },
      symptom: `answers-submits-only ${clause}: 200`,
    });
    const update: Case = {
      arrangement: 'at-once',
      connections: [[{ do: 'frame', type: 3, declared: EXACT, payload: Buffer.from('{}') }]],
    };
    const both = { ...update, connections: [[...caseOf('{}').connections, ...update.connections].flat()] };
    const twice = finding('{}', { ...answers('S1'), id: 'twice', distinguishing: ['type 1'] });
    const known = (): KnownFindings => new KnownFindings({ findings: [twice], occurrences: {} });
    t.ok(known().recognise(caseOf('{"a":1}'), answers('S1')));
    t.ok(known().recognise(both, answers('F7')));
    t.notOk(known().recognise(update, answers('F7')), 'another frame was answered');
    t.equal(known().recogniseDoubtful(answers('F7')), undefined, 'a failure of another clause');
    t.equal(known().recogniseDoubtful(answers('S1')), 'twice');
  },
);
