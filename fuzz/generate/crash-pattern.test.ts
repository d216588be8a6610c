import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { matchesCrash, sizesOf } from './crash-pattern.ts';
import { featuresOf } from './features.ts';
import { Generator, type Recipe } from './generate.ts';

const frame = (payload: string, type = 1): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) }]],
});

t.test('a pattern of features, of bytes and of sizes', async (t) => {
  const features = [...featuresOf(frame('{"a":1e400}'))].filter((feature) => feature.includes('exponent'));
  t.strictSame(features, ['a value with an exponent']);
  t.ok(matchesCrash(frame('{"b":[-2E7]}'), [{ kind: 'features', features }]));
  t.notOk(matchesCrash(frame('{"b":"1e400"}'), [{ kind: 'features', features }]));

  const bytes = Buffer.from('\\u0000');
  t.ok(matchesCrash(frame('{"a":"x\\u0000"}'), [{ kind: 'bytes', bytes }]));
  t.notOk(matchesCrash(frame('{"a":"x"}'), [{ kind: 'bytes', bytes }]));
  t.ok(matchesCrash(frame('\\u0000', 4), [{ kind: 'bytes', type: 4, bytes }]));
  t.notOk(matchesCrash(frame('\\u0000', 3), [{ kind: 'bytes', type: 4, bytes }]), 'of another type');

  const sizes = Object.fromEntries(sizesOf(frame(`{"to_addr":"${'a'.repeat(500)}"}`)));
  t.strictSame(sizes, { 'characters of a value': 500, 'characters of "to_addr"': 500 });
  t.ok(matchesCrash(frame(`{"to_addr":"${'b'.repeat(501)}"}`), [{ kind: 'sizes', sizes }]));
  const notUpdates = { kind: 'sizes', sizes, exceptTypes: [3], isJson: true } as const;
  t.ok(matchesCrash(frame(`{"to_addr":"${'b'.repeat(501)}"}`), [notUpdates]));
  t.notOk(matchesCrash(frame(`{"to_addr":"${'b'.repeat(501)}"}`, 3), [notUpdates]), 'an excepted type');
  t.notOk(matchesCrash(frame(`{"to_addr":"${'b'.repeat(501)}"`), [notUpdates]), 'not well-formed');
  t.notOk(matchesCrash(frame(`{"to_addr":"${'b'.repeat(499)}"}`), [{ kind: 'sizes', sizes }]));
  t.notOk(matchesCrash(frame(`{"from_addr":"${'b'.repeat(501)}"}`), [{ kind: 'sizes', sizes }]));
  t.equal(sizesOf(frame('['.repeat(60))).get('depth'), 60);
});

t.test('the header that a receiver finds counts, wherever an action begins', async (t) => {
  const shifted: Case = {
    arrangement: 'at-once',
    connections: [[{ do: 'bytes', bytes: Uint8Array.of(9) }, ...(frame('{}').connections[0] ?? [])]],
  };
  t.ok([...featuresOf(shifted)].some((feature) => feature.startsWith('type unknown')));
});

t.test('another case is drawn in place of one that is to be avoided, always the same', async (t) => {
  const generator = new Generator(5);
  const hasFlip = (value: Case): boolean => matchesCrash(value, [{ kind: 'features', features: ['type 1'] }]);
  let replaced = 0;
  for (let index = 0; index < 200; index += 1) {
    const recipe: Recipe = { lane: 'base', index };
    const redrawn = generator.redraw(recipe, hasFlip);
    if (redrawn === undefined) continue;
    replaced += 1;
    if (hasFlip(redrawn.generated.value)) t.fail('it is avoided');
    const again = new Generator(5).make(redrawn.recipe);
    if (index < 5) t.strictSame(again, redrawn.generated);
  }
  t.ok(replaced > 190, `${replaced}`);
  const parent = frame('{"a":1}');
  const other = generator.redraw({ lane: 'feedback', parent, nonce: 3 }, () => false);
  t.match(other?.recipe, { lane: 'feedback', nonce: 3, draw: 1 });
  t.equal(
    generator.redraw({ lane: 'given', value: parent }, () => false),
    undefined,
  );
});
