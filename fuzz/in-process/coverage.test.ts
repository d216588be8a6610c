import t from 'tap';
import { Coverage } from './coverage.ts';
import { fuzzCodec } from './fuzzer.ts';

// In a separate file: V8 reports ranges only inside functions that are compiled after the coverage has started.
t.test('a case that reaches new code joins the corpus', async (t) => {
  const coverage = new Coverage(new URL('../../reference/', import.meta.url));
  await coverage.start();
  t.teardown(() => coverage.stop());
  const { cases, corpus } = await fuzzCodec({ seed: 20251124, runs: 512, coverage });
  t.equal(cases, 512);
  t.ok(corpus.size > 3, `${corpus.size} cases reached new code`);
  const { ran, all } = coverage.shares().get('codec/json-object.ts') ?? { ran: 0, all: 0 };
  t.ok(ran > all / 2, `${ran} of ${all} characters of the JSON codec were run`);
  t.ok(ran <= all);
});

t.test('code is new until it is marked as seen', async (t) => {
  const coverage = new Coverage(new URL('./', import.meta.url));
  await coverage.start();
  t.teardown(() => coverage.stop());
  const { findBrokenProperty } = await import('./properties.ts');
  const run = (): unknown => findBrokenProperty(new Uint8Array());
  run();
  t.match(await coverage.takeNew(), /^[a-z.]+\.ts:\d+$/);
  run();
  t.ok(await coverage.takeNew(), 'as long as it is not marked');
  coverage.markSeen();
  run();
  await coverage.takeNew();
  coverage.markSeen();
  run();
  t.equal(await coverage.takeNew(), undefined);
});
