/** What is kept between runs: the texts of the file, what a run changes in it, and folders that cannot be used. */

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import type { ReportRecord } from '../../conformance/index.ts';
import { scenarioRecord } from '../../conformance/testing/records.ts';
import { failedAfter, failedIn, LastRuns, stateText } from './last-run.ts';

const TARGET = 'server --exec ./server {port} in /home/a';

type Verdict = 'pass' | 'fail' | 'inconclusive' | 'skipped';

const recordOf = (id: string, verdict: Verdict): ReportRecord => scenarioRecord(id, verdict);

t.test('what was written is read again, for the same target only', async () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), fc.string(), (target, failed, other) => {
      const text = stateText(target, failed);
      const isForeign = other === target || failedIn(text, other) === undefined;
      return JSON.stringify(failedIn(text, target)) === JSON.stringify(failed) && isForeign;
    }),
  );
});

t.test('any other text is no state', async (t) => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => failedIn(text, TARGET) === undefined));
  const state = { format: 1, target: TARGET, failed: ['a/b'] };
  for (const wrong of [{ format: 2 }, { target: 1 }, { failed: 'a/b' }, { failed: [1] }])
    t.equal(failedIn(JSON.stringify({ ...state, ...wrong }), TARGET), undefined, JSON.stringify(wrong));
  t.equal(failedIn(stateText(TARGET, ['a/b']).slice(0, -4), TARGET), undefined, 'half of it');
});

t.test('a run replaces what it judged, and keeps the rest', async (t) => {
  const ids = ['a/1', 'a/2', 'a/3', 'a/4'];
  const verdict = fc.constantFrom<Verdict>('pass', 'fail', 'inconclusive', 'skipped');
  fc.assert(
    fc.property(
      fc.subarray(ids),
      fc.array(fc.record({ id: fc.constantFrom(...ids), verdict }), { maxLength: 4 }),
      (before, run) => {
        const last = new Map(run.map((one) => [one.id, one.verdict]));
        const records = [...last].map(([id, is]) => recordOf(id, is));
        const expected = ids.filter((id) => {
          const is = last.get(id);
          return is === undefined || is === 'skipped' ? before.includes(id) : is !== 'pass';
        });
        return JSON.stringify(failedAfter(before, records)) === JSON.stringify(expected);
      },
    ),
  );
  const control = scenarioRecord('a/1', 'fail', { onlyAsControl: true });
  t.strictSame(failedAfter([], [control]), [], 'what only ran as a control');
  const warning = scenarioRecord('a/1', 'fail', { level: 'SHOULD' });
  t.strictSame(failedAfter([], [warning]), [], 'a warning does not count against the target');
  const known = scenarioRecord('a/1', 'fail', { known: true });
  t.strictSame(failedAfter(['a/1'], [known]), [], 'neither does a known failure');
});

t.test('another process knows what failed, in one file for each target', async (t) => {
  const folder = join(t.testdir(), 'new', 'folder');
  t.match(await new LastRuns(folder).of(TARGET), { kind: 'unknown', why: /no earlier run/ });
  t.equal(await new LastRuns(folder).keep(TARGET, [recordOf('a/1', 'fail')]), undefined);
  t.equal(await new LastRuns(folder).keep('server other', [recordOf('a/2', 'pass')]), undefined);
  t.strictSame(await new LastRuns(folder).of(TARGET), { kind: 'known', failed: ['a/1'] });
  t.strictSame(await new LastRuns(folder).of('server other'), { kind: 'known', failed: [] });
  t.equal(readdirSync(folder).length, 2, 'no temporary file is left');
});

t.test('a run without a verdict shows nothing', async (t) => {
  const folder = t.testdir();
  await new LastRuns(folder).keep(TARGET, []);
  t.match(await new LastRuns(folder).of(TARGET), { kind: 'unknown' });
});

t.test('a file that is corrupt, or no file, is one line, and the next run replaces it', async (t) => {
  const folder = t.testdir();
  const runs = new LastRuns(folder);
  await runs.keep(TARGET, [recordOf('a/1', 'fail')]);
  const [name = ''] = readdirSync(folder);
  writeFileSync(join(folder, name), '{"format": 1, "fai');
  t.match(await new LastRuns(folder).of(TARGET), {
    kind: 'unknown',
    why: /does not hold the state of a run$/,
  });
  await new LastRuns(folder).keep(TARGET, [recordOf('a/2', 'fail')]);
  t.strictSame(await new LastRuns(folder).of(TARGET), { kind: 'known', failed: ['a/2'] });
  const other = t.testdir({ [name]: {} });
  t.match(await new LastRuns(other).of(TARGET), { kind: 'unknown', why: /it is a directory$/ });
});

t.test(
  'a folder that cannot be written is one line, and this process knows what failed all the same',
  async (t) => {
    const dir = t.testdir({ file: '' });
    const runs = new LastRuns(join(dir, 'file', 'cache'));
    t.match(await runs.keep(TARGET, [recordOf('a/1', 'fail')]), /^conform: cannot write .*\n$/);
    t.strictSame(await runs.of(TARGET), { kind: 'known', failed: ['a/1'] });
    if (process.platform === 'linux') {
      const unreal = await new LastRuns('/proc/none/cache').keep(TARGET, [recordOf('a/1', 'fail')]);
      t.match(unreal, /^conform: cannot write .*ENOENT.*\n$/, 'where the system creates no folder');
    }
    const none = new LastRuns(undefined);
    t.match(await none.of(TARGET), { kind: 'unknown', why: 'there is no cache folder' });
    t.equal(await none.keep(TARGET, [recordOf('a/1', 'fail')]), undefined);
    t.strictSame(await none.of(TARGET), { kind: 'known', failed: ['a/1'] });
  },
);
