import t from 'tap';
import type { ProcessEnd } from '../../conformance/observers/observer.ts';
import { type Case, EXACT } from '../case/case.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { type Death, deathOf, identifiedBy, isSameDeath } from './deaths.ts';
import { countDeaths, firstWithDeath } from './trials.ts';

const REFUSES: Symptom = {
  invariant: 'survives',
  clause: 'T3',
  detail: '',
  symptom: 'survives T3: refuses connections',
};
const CLOSES: Symptom = {
  ...REFUSES,
  invariant: 'serves-after',
  symptom: 'serves-after T3: closes on a legal SUBMIT',
};
const HANGS: Symptom = { ...REFUSES, symptom: 'survives T3: does not react to a legal SUBMIT' };
const WAITS: Case = { arrangement: 'at-once', connections: [] };

const endIn = (name: string): ProcessEnd => ({
  ended: 'exit status 1',
  lines: [
    '==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6020',
    'READ of size 1 at 0x6020',
    `    #0 0x55 in ${name} /src/a.c:12`,
  ],
});
const RUNS: ProcessEnd = { ended: 'still running', lines: endIn('a').lines };
const death = (symptom: Symptom, end?: ProcessEnd): Death => {
  const found = deathOf(symptom, end);
  if (found === undefined) throw new Error('no death');
  return found;
};

t.test('a process that has ended survives nothing, whatever a probe saw of its end', async (t) => {
  t.equal(death(CLOSES, endIn('a')).symptom.invariant, 'survives');
  t.ok(isSameDeath(death(CLOSES, endIn('a')), death(REFUSES, endIn('a'))));
  t.notOk(isSameDeath(death(REFUSES, endIn('a')), death(REFUSES, endIn('b'))));
  t.equal(deathOf({ ...REFUSES, invariant: 'reacts' }, endIn('a')), undefined);
});

t.test('what a running process reported earlier is no cause, unless it does not listen', async (t) => {
  t.equal(death(HANGS, RUNS).cause, undefined);
  t.equal(identifiedBy(death(REFUSES, RUNS)), 'AddressSanitizer heap-buffer-overflow READ in a');
});

t.test('a signal does not tell one fault from another', async (t) => {
  const signal = death(REFUSES, { ended: 'signal SIGSEGV', lines: [] });
  t.equal(signal.cause?.kind, 'signal SIGSEGV');
  t.equal(identifiedBy(signal), undefined);
  t.ok(isSameDeath(signal, death(REFUSES, endIn('a'))), 'a report may be missing');
});

/** Each case is a number of connections, and dies in the function of that name; case 0 does not die. */
function executor(names: readonly string[]) {
  const tried: number[] = [];
  const numberOf = ({ connections }: Case): number => connections.length;
  const kills = (value: Case): boolean => {
    tried.push(numberOf(value));
    const name = names[numberOf(value)];
    if (name === undefined) return false;
    executor.lastEnd = name === '' ? { ended: 'exit status 1', lines: [] } : endIn(name);
    return true;
  };
  const executor = {
    lastEnd: undefined as ProcessEnd | undefined,
    lastShown: undefined as Symptom | undefined,
    deathlyAttempt: async (value: Case) => (kills(value) ? [REFUSES] : []),
    firstThatShows: async (cases: readonly Case[]) => cases.findIndex(kills),
  };
  return { executor, tried };
}

const caseOf = (number: number): Case => ({
  ...WAITS,
  connections: Array.from({ length: number }, () => [
    { do: 'frame', type: 1, declared: EXACT, payload: new Uint8Array() },
  ]),
});

t.test('a smaller case counts only if it dies for the same reason', async (t) => {
  const { executor: one, tried } = executor(['b', '', 'a', 'a']);
  const cases = [0, 1, 2, 3].map(caseOf);
  t.equal(await firstWithDeath(cases, death(REFUSES, endIn('a')), one), 2);
  t.strictSame(tried, [0, 1, 2], 'each once');
  t.equal(await firstWithDeath(cases.slice(0, 2), death(REFUSES, endIn('a')), one), -1);
  t.equal(
    await firstWithDeath(cases, death(REFUSES, { ended: 'exit status 1', lines: [] }), one),
    0,
    'no report: any death',
  );
});

t.test('attempts that die for another reason are not counted', async (t) => {
  const { executor: one } = executor(['b', '', 'a']);
  const count = (number: number): Promise<number> =>
    countDeaths(caseOf(number), death(REFUSES, endIn('a')), 3, one);
  t.strictSame([await count(0), await count(1), await count(2), await count(3)], [0, 3, 3, 0]);
});
