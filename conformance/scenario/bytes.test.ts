import fc from 'fast-check';
import t from 'tap';
import {
  type Bytes,
  concat,
  DEFAULT_ADDRESSES,
  render,
  repeat,
  segments,
  size,
  slice,
  taskId,
  text,
  withAddresses,
} from './bytes.ts';

/** Ids that name their slot, with the length of real ones. */
const idOf = (slot: number) => String(slot).padStart(36, '0');

function rendered(bytes: Bytes): Buffer {
  return Buffer.from(render(bytes, idOf));
}

/** Any description, nested. */
const { description } = fc.letrec<{ description: Bytes }>((tie) => ({
  description: fc.oneof(
    { depthSize: 'medium' },
    fc.uint8Array().map((raw) => ({ raw })),
    fc.record({ repeat: fc.uint8Array({ maxLength: 5 }), times: fc.nat(20) }),
    fc.nat(3).map(taskId),
    fc.constantFrom<Bytes>({ address: 'from' }, { address: 'to' }),
    fc.string({ unit: 'binary' }).map(text),
    fc.array(tie('description'), { maxLength: 4 }).map((parts) => concat(...parts)),
    fc.tuple(tie('description'), fc.nat(), fc.nat()).map(([bytes, a, b]) => {
      const ends = size(bytes) + 1;
      return slice(bytes, Math.min(a % ends, b % ends), Math.max(a % ends, b % ends));
    }),
  ),
}));

t.test('the size is that of the rendered bytes', async () => {
  fc.assert(fc.property(description, (bytes) => size(bytes) === render(bytes, idOf).length));
});

t.test('two slices that meet at any offset give the whole', async () => {
  fc.assert(
    fc.property(description, fc.nat(), (bytes, n) => {
      const at = n % (size(bytes) + 1);
      return rendered(concat(slice(bytes, 0, at), slice(bytes, at))).equals(rendered(bytes));
    }),
  );
});

t.test('a slice is the given part of the rendered bytes', async () => {
  fc.assert(
    fc.property(description, fc.nat(), fc.nat(), (bytes, a, b) => {
      const ends = size(bytes) + 1;
      const [from, to] = [Math.min(a % ends, b % ends), Math.max(a % ends, b % ends)];
      return rendered(slice(bytes, from, to)).equals(rendered(bytes).subarray(from, to));
    }),
  );
});

t.test('segments hold the bytes in order, and all but the last have the given size', async () => {
  fc.assert(
    fc.property(description, fc.integer({ min: 1, max: 50 }), (bytes, segmentBytes) => {
      const copies = Array.from(segments(bytes, idOf, segmentBytes), (segment) => Buffer.from(segment));
      const isFull = copies.slice(0, -1).every(({ length }) => length === segmentBytes);
      return isFull && Buffer.concat(copies).equals(rendered(bytes));
    }),
  );
});

t.test('a long repetition has the stated size, in segments of at most 256 KiB', async (t) => {
  const bytes = concat(text('x'), repeat('abc', 200_000), text('y'));
  let total = 0;
  for (const segment of segments(bytes, idOf, Number.MAX_SAFE_INTEGER)) {
    t.ok(segment.length <= 256 * 1024);
    total += segment.length;
  }
  t.equal(total, size(bytes));
  t.ok(rendered(bytes).equals(Buffer.from(`x${'abc'.repeat(200_000)}y`)));
  t.equal(rendered(slice(bytes, 70_000, 70_004)).toString(), 'abca');
});

t.test('each builder describes the documented bytes', async (t) => {
  t.equal(rendered(text('aé🚀')).toString(), 'aé🚀');
  t.equal(rendered(repeat('é', 3)).toString(), 'ééé');
  t.equal(rendered(repeat('a', 0)).length, 0);
  t.equal(rendered(slice(text('abcdef'), 2, 4)).toString(), 'cd');
  t.equal(rendered(slice(text('abcdef'), 2)).toString(), 'cdef');
});

t.test('each slot is replaced by its own id, wherever it occurs', async (t) => {
  const asked: number[] = [];
  const bytes = render(concat(taskId(), slice(taskId(2), 4), taskId()), (slot) => {
    asked.push(slot);
    return idOf(slot);
  });
  t.equal(Buffer.from(bytes).toString(), idOf(1) + idOf(2).slice(4) + idOf(1));
  t.strictSame(asked, [1, 2, 1]);
});

t.test('other addresses take the place of the default ones, and no length changes', async () => {
  const marked = (name: string): string => name.padEnd(16, '!');
  const addresses = { from: marked('from'), to: marked('to') };
  fc.assert(
    fc.property(description, (bytes) => {
      const other = rendered(withAddresses(bytes, addresses));
      return other.length === size(bytes) && !other.includes(DEFAULT_ADDRESSES.from);
    }),
  );
  fc.assert(
    fc.property(description, (bytes) =>
      rendered(withAddresses(bytes, DEFAULT_ADDRESSES)).equals(rendered(bytes)),
    ),
  );
});
