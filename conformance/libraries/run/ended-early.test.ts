/** Whatever ends a run, the report has what was judged until then. */

import { watch } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { adapter, countingAdapter } from '../testing/adapters.ts';
import { type LibraryReport, report } from '../testing/runs.ts';

const ANSWERED = 20;

const isTime = ({ id }: { readonly id: string }): boolean => id.startsWith('library-times/');

/** Of those that were answered. A refusal whose control was not judged has no verdict. */
function judged({ verdicts, counts }: LibraryReport): number {
  return verdicts.size - (counts['skipped'] ?? 0);
}

t.test('the time bounds the asking', async (t) => {
  const found = await report(countingAdapter(ANSWERED, ':'), { isSelected: isTime, maxTimeMs: 3000 });
  t.strictSame(found.end, { kind: 'end', because: 'out-of-time' });
  t.ok(judged(found) > 0);
  t.ok(judged(found) <= ANSWERED);
});

t.test('an interruption', async (t) => {
  const folder = t.testdir();
  const controller = new AbortController();
  // The answers were written before the file: when the file shows, this turn of the event loop reads them.
  const watcher = watch(folder, () => setImmediate(() => controller.abort(new Error('stopped'))));
  t.teardown(() => watcher.close());
  const found = await report(countingAdapter(ANSWERED, `: > '${join(folder, 'answered')}'`), {
    isSelected: isTime,
    signal: controller.signal,
  });
  t.strictSame(found.end, { kind: 'end', because: 'interrupted' });
  t.ok(judged(found) > 0);
  t.ok(judged(found) <= ANSWERED);
});

t.test('an adapter that breaks its interface', async (t) => {
  const found = await report(countingAdapter(ANSWERED, 'echo noise'), { isSelected: isTime });
  t.match(found.end, { because: 'cannot-run', detail: /no answer: noise/ });
  t.ok(judged(found) > 0);
  t.ok(judged(found) <= ANSWERED);
});

t.test('a property that is cut off has no verdict', async (t) => {
  const line = adapter('if (op === "parse_time") answer({ ok: false }); else console.log("noise");');
  const found = await report(line, {
    isSelected: ({ id }) => id.startsWith('library-generated/') || id === 'library-times/plain',
  });
  t.match(found.end, { because: 'cannot-run' });
  t.notOk([...found.verdicts.keys()].includes('library-generated/round-trip'));
});
