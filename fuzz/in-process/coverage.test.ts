import t from 'tap';
import { Coverage } from './coverage.ts';
import { fuzzCodec } from './fuzzer.ts';

// In a file of its own: V8 looks inside of functions that are compiled after it was told to.
t.test('what reaches new code joins the corpus, and adds up', async (t) => {
  const coverage = new Coverage(new URL('../../reference/', import.meta.url));
  await coverage.start();
  t.teardown(() => coverage.stop());
  const { cases, corpus } = await fuzzCodec({ seed: 20251124, runs: 1500, coverage });
  t.equal(cases, 1500);
  t.ok(corpus.size > 3, `${corpus.size} cases reached new code`);
  const { ran, all } = coverage.shares().get('codec/json-object.ts') ?? { ran: 0, all: 0 };
  t.ok(ran > all / 2, `${ran} of ${all} characters of the JSON codec were run`);
  t.ok(ran <= all);
});

t.test('a look tells only what is new, until it is kept', async (t) => {
  const coverage = new Coverage(new URL('./', import.meta.url));
  await coverage.start();
  t.teardown(() => coverage.stop());
  const { findBrokenProperty } = await import('./properties.ts');
  const play = (): unknown => findBrokenProperty(new Uint8Array());
  play();
  t.match(await coverage.takeNew(), /^[a-z.]+\.ts:\d+$/);
  play();
  t.ok(await coverage.takeNew(), 'as long as it is not kept');
  coverage.markSeen();
  play();
  await coverage.takeNew();
  coverage.markSeen();
  play();
  t.equal(await coverage.takeNew(), undefined);
});
