import fc from 'fast-check';
import t from 'tap';
import { ReceiveBuffer } from './receive-buffer.ts';

t.test('holds the chunks in order and changes none of them', async () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => {
      const chunks = pieces.map((piece) => Buffer.from(piece));
      const buffer = new ReceiveBuffer();
      for (const chunk of chunks) buffer.append(chunk);
      const all = Buffer.concat(pieces);
      return (
        buffer.length === all.length &&
        buffer.bytes.equals(all) &&
        chunks.every((chunk, index) => chunk.equals(pieces[index] ?? Buffer.alloc(0)))
      );
    }),
  );
});
