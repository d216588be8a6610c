import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { matchesCrash } from '../generate/crash-pattern.ts';
import { KnownCrashes } from './known-crashes.ts';

const frame = (payload: string, type = 1): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) }]],
});

t.test('what the smallest case has is a pattern, whatever surrounds it', async (t) => {
  const known = new KnownCrashes((feature) => feature === 'type 1');
  known.addHarmless(frame('{"task_id":"a"}'));
  known.learn('survives-1', frame('\\u0000'));
  t.ok(matchesCrash(frame('{"task_id":"b\\u0000"}'), known.patterns));
  t.notOk(matchesCrash(frame('{"task_id":"b"}'), known.patterns));
  t.ok(known.explains('survives-1', frame('{"task_id":"b\\u0000"}')));
  t.notOk(known.explains('survives-2', frame('{"task_id":"b\\u0000"}')));
});

t.test('a pattern holds no more bytes than its own, since threads get a copy of what it holds', async (t) => {
  const known = new KnownCrashes(() => false);
  known.learn('survives-1', frame('{"a":"bcd"}'));
  const bytes = known.patterns.flatMap((pattern) => (pattern.kind === 'bytes' ? [pattern.bytes] : []));
  t.strictSame(
    bytes.map(({ buffer }) => Buffer.from(buffer).toString()),
    ['"a":"bcd"'],
  );
});

t.test('a number stands for all numbers of its kind', async (t) => {
  const known = new KnownCrashes((feature) => feature === 'type 1');
  known.learn('survives-1', frame('1e4'));
  t.ok(matchesCrash(frame('{"status":-0.5E+77}'), known.patterns));
});

t.test('a pattern that a harmless case matches is not learned, or dropped', async (t) => {
  const known = new KnownCrashes((feature) => feature === 'type 1');
  known.addHarmless(frame('{"task_id":""}'));
  known.learn('survives-1', frame('{"task_id":""}'));
  t.strictSame(known.patterns, [], 'a fault of state: no single case explains it');
  known.learn('survives-2', frame('[[[1]]]'));
  t.ok(known.patterns.length > 0);
  known.addHarmless(frame('[[[1]]]'));
  t.strictSame(known.patterns, []);
});

t.test(
  'a harmless case of another type, or that is not well-formed, says little about a crash',
  async (t) => {
    const known = new KnownCrashes((feature) => feature === 'type 1');
    const long = `{"to_addr":"${'a'.repeat(400)}"}`;
    known.learn('survives-1', frame(long));
    known.addHarmless(frame(`${long},`));
    t.ok(matchesCrash(frame(long), known.patterns));
    t.ok(matchesCrash(frame(long.replace('to', 'from')), known.patterns), 'any field');
    t.ok(matchesCrash(frame(long, 3), known.patterns));
    known.addHarmless(frame(long, 3));
    t.ok(matchesCrash(frame(long), known.patterns));
    t.notOk(matchesCrash(frame(long, 3), known.patterns));
    known.addHarmless(frame(long.replace('to', 'from')));
    t.ok(matchesCrash(frame(long), known.patterns));
    t.notOk(matchesCrash(frame(long.replace('to', 'from')), known.patterns), 'this field only');
  },
);

t.test('a type that the protocol does not have stands for all of them', async (t) => {
  const known = new KnownCrashes(() => false);
  known.learn('survives-1', frame('', 369_295_618));
  t.ok(matchesCrash(frame('{}', 5), known.patterns));
  known.addHarmless(frame('', 5));
  t.notOk(matchesCrash(frame('{}', 5), known.patterns));
  t.ok(matchesCrash(frame('{}', 6), known.patterns));
});

t.test('the only member of the smallest case is one of many in others', async (t) => {
  const known = new KnownCrashes(() => true);
  known.addHarmless(frame('{"task_id":null}'));
  known.learn('survives-1', frame('{"to_addr":null}'));
  t.ok(matchesCrash(frame('{"task_id":"a","to_addr":null,"from_addr":""}'), known.patterns));
  t.notOk(matchesCrash(frame('{"task_id":null,"to_addr":"a","from_addr":""}'), known.patterns));
});
