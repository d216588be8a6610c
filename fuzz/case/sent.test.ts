import fc from 'fast-check';
import t from 'tap';
import { Generator } from '../generate/generate.ts';
import { encodeActions } from './case.ts';
import { actionsOf } from './sent.ts';

const generator = new Generator(1);
const streams = fc.oneof(
  fc.nat().map((index) => encodeActions(generator.at(index).value.connections[0] ?? [])),
  fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 40 })).map(([one, other, cut]) => {
    const both = [one, other].map((index) => encodeActions(generator.at(index).value.connections[0] ?? []));
    return Buffer.concat(both).subarray(0, -cut || undefined);
  }),
  fc.uint8Array({ maxLength: 20 }),
);

t.test('the actions made from a stream send the same stream', async (t) => {
  fc.assert(fc.property(streams, (bytes) => encodeActions(actionsOf(bytes)).equals(bytes)));
  t.strictSame(actionsOf(new Uint8Array()), []);
});

t.test('complete frames declare their exact length, and the last one keeps its wrong length', async (t) => {
  const frame = (hex: string) => actionsOf(Buffer.from(hex, 'hex'));
  t.match(frame('00000001000000026162' + '0000000300000000'), [
    { type: 1, declared: { kind: 'exact' }, payload: { length: 2 } },
    { type: 3, declared: { kind: 'exact' }, payload: { length: 0 } },
  ]);
  t.match(frame('000000010000000361'), [{ declared: { kind: 'long', by: 2 } }]);
  t.match(frame('00000001ffffffff61'), [{ declared: { kind: 'absolute', length: 0xffffffff } }]);
  t.match(frame('000000'), [{ do: 'bytes', bytes: { length: 3 } }]);
});
