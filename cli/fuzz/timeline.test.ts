import fc from 'fast-check';
import t from 'tap';
import { newStats } from '../../fuzz/campaign/stats.ts';
import { TimelineRecorder } from './timeline.ts';

t.test('samples are few, in order, and spread over the whole campaign', (t) => {
  const gaps = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 3000 });
  fc.assert(
    fc.property(gaps, (gaps) => {
      const recorder = new TimelineRecorder();
      let elapsedMs = 0;
      for (const [at, gap] of gaps.entries()) {
        elapsedMs += gap;
        recorder.take({ elapsedMs, stats: { ...newStats(), cases: at } });
      }
      const { samples } = recorder.timeline;
      const times = samples.map(({ atMs }) => atMs);
      const longest = Math.max(...times.map((time, at) => time - (times[at - 1] ?? 0)));
      return (
        samples.length <= 256 &&
        times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0)) &&
        elapsedMs - (times.at(-1) ?? 0) <= Math.max(elapsedMs / 50, 10_000) &&
        longest <= Math.max(elapsedMs / 50, 10_000)
      );
    }),
  );
  t.end();
});

t.test('a finding is at the time of the last progress', (t) => {
  const recorder = new TimelineRecorder();
  recorder.found('fuzz/early');
  recorder.take({ elapsedMs: 1234.5, stats: newStats(), edges: 7 });
  recorder.found('fuzz/late');
  t.strictSame(recorder.timeline, {
    samples: [
      { atMs: 0, cases: 0, signatures: 0 },
      { atMs: 1235, cases: 0, signatures: 0, edges: 7 },
    ],
    findings: [
      { id: 'fuzz/early', atMs: 0 },
      { id: 'fuzz/late', atMs: 1235 },
    ],
  });
  t.end();
});

t.test('a campaign that continues begins where the earlier one ended', (t) => {
  const saved = { elapsedMs: 5000, stats: { ...newStats(), cases: 40, signatures: { a: 1, b: 2 } } };
  t.strictSame(new TimelineRecorder(saved).timeline.samples, [{ atMs: 5000, cases: 40, signatures: 2 }]);
  t.end();
});
