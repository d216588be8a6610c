import fc from 'fast-check';
import t from 'tap';
import { type Action, type Case, type Declared, declaredLength, encodeAction } from './case.ts';
import { CaseError, readCase, writeCase } from './case-json.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const uint32 = fc.nat({ max: 0xffffffff });
const declared: fc.Arbitrary<Declared> = fc.oneof(
  fc.constant({ kind: 'exact' } as const),
  uint32.map((by) => ({ kind: 'short', by }) as const),
  uint32.map((by) => ({ kind: 'long', by }) as const),
  uint32.map((length) => ({ kind: 'absolute', length }) as const),
);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('frame' as const), type: uint32, declared, payload: bytes }),
  fc.record({
    do: fc.constant('frame' as const),
    type: uint32,
    declared,
    payload: fc.string().map((text) => new TextEncoder().encode(text)),
    segmentBytes: fc.integer({ min: 1, max: 99 }),
  }),
  bytes.map((some) => ({ do: 'bytes', bytes: some }) as const),
  fc.nat({ max: 1000 }).map((ms) => ({ do: 'pause', ms }) as const),
  fc.constantFrom({ do: 'fin' } as const, { do: 'reset' } as const),
);
const anyCase: fc.Arbitrary<Case> = fc.record({
  arrangement: fc.constantFrom('at-once', 'in-turn'),
  connections: fc.array(fc.array(action, { maxLength: 3 }), { maxLength: 3 }),
});

t.test('a case that was written is read back', async () => {
  fc.assert(
    fc.property(anyCase, (value) => {
      const back = readCase(JSON.parse(JSON.stringify(writeCase(value))));
      return fc.stringify(plain(back)) === fc.stringify(plain(value));
    }),
  );
});

/** The case without prototypes, and with plain lists for bytes. */
function plain(value: Case): unknown {
  return JSON.parse(JSON.stringify(value, (_, item) => (item instanceof Uint8Array ? [...item] : item)));
}

t.test('readable bytes are written as text', async (t) => {
  const payload = new TextEncoder().encode('{"a":1}');
  const { connections } = writeCase({
    arrangement: 'at-once',
    connections: [
      [{ do: 'frame', type: 1, declared: { kind: 'exact' }, payload }],
      [{ do: 'bytes', bytes: Uint8Array.of(0xff, 9) }],
    ],
  }) as { connections: unknown };
  t.strictSame(connections, [
    [{ do: 'frame', type: 1, declared: 'exact', payload: '{"a":1}' }],
    [{ do: 'bytes', bytes_hex: 'ff09' }],
  ]);
});

t.test('a value that is not a case is refused, and the message names the place', async (t) => {
  const wrong: [unknown, string][] = [
    [null, 'case '],
    [{ arrangement: 'never', connections: [] }, 'case.arrangement'],
    [{ arrangement: 'at-once', connections: {} }, 'case.connections'],
    [{ arrangement: 'at-once', connections: [[{ do: 'dance' }]] }, 'case.connections[0][0].do'],
    [{ arrangement: 'at-once', connections: [[{ do: 'pause', ms: -1 }]] }, 'case.connections[0][0].ms'],
    [
      {
        arrangement: 'at-once',
        connections: [[{ do: 'pause', ms: 600_000 }], [{ do: 'pause', ms: 1 }]],
      },
      'the pauses last 600001 ms together; 600000 are permitted',
    ],
    [
      { arrangement: 'at-once', connections: [[{ do: 'bytes', bytes_hex: 'f' }]] },
      'case.connections[0][0].bytes',
    ],
    [
      {
        arrangement: 'at-once',
        connections: [[{ do: 'frame', type: 2 ** 32, declared: 'exact', payload: '' }]],
      },
      'case.connections[0][0].type',
    ],
  ];
  for (const [json, place] of wrong) {
    try {
      readCase(json);
      t.fail(place);
    } catch (error) {
      t.type(error, CaseError);
      t.ok((error as CaseError).message.startsWith(place), place);
    }
  }
});

t.test('the declared length always fits its field', async () => {
  fc.assert(
    fc.property(action, (one) => {
      if (one.do !== 'frame') return true;
      const length = declaredLength(one.declared, one.payload.length);
      return length >= 0 && length <= 0xffffffff && encodeAction(one).readUInt32BE(4) === length;
    }),
  );
});
