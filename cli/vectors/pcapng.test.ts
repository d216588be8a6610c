import { createHash } from 'node:crypto';
import t from 'tap';
import { CapturedStreams } from '../../conformance/capture/captured-streams.ts';
import { readFixture, vectorFile } from '../../conformance/vectors/load.ts';
import { filesOf } from './formats.ts';
import { selectVectors } from './select.ts';

t.test('each vector is what one side of a connection sent', (t) => {
  const only = ['golden-*', 'decode-submit-request-*'];
  const { files, vectors } = filesOf('pcapng', selectVectors({ only, levels: undefined }));
  t.strictSame(
    files.map(({ path }) => path),
    ['golden.pcapng', 'decode.pcapng'],
  );
  const [golden, decode] = files.map(({ content }) => {
    const reader = new CapturedStreams({ streamBytes: 1 << 25, totalBytes: 1 << 28 });
    return [...reader.push(Buffer.from(content())), ...reader.end()];
  });
  t.strictSame(
    golden?.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex')),
    vectorFile('golden/index').vectors.map(({ sha256 }) => sha256),
  );
  t.strictSame(
    golden?.filter(({ isClient }) => !isClient).map(({ bytes }) => bytes),
    [readFixture('golden/submit-response.bin')],
    'only the answer is from the server',
  );
  t.ok(
    decode?.every(({ bytes }) => bytes.readUInt32BE(0) === 1 && bytes.length === 8 + bytes.readUInt32BE(4)),
  );
  t.equal(vectors, (golden?.length ?? 0) + (decode?.length ?? 0));
  t.end();
});
