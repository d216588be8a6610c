import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ACK, captureOf, type FileForm, ipPacket, SYN } from '../../../conformance/testing/captures.ts';
import { encodeActions } from '../../../fuzz/case/case.ts';
import { UsageError } from '../../core/errors.ts';
import { readCorpus } from './corpus.ts';

const FORM: FileForm = { format: 'pcapng', endian: 'little', link: 'cooked2' };
const SERVER = { host: '127.0.0.1', port: 1003 };

/** A capture of clients that each send a text to the port. */
function capture(texts: readonly string[], { port = SERVER.port, form = FORM, flags = SYN } = {}): Buffer {
  const packets = texts.flatMap((text, nth) => {
    const sides = { from: { host: '127.0.0.1', port: 40_000 + nth }, to: { ...SERVER, port } };
    const bytes = Buffer.from(text);
    return [
      ipPacket({ ...sides, sequence: 7, flags }),
      ipPacket({ ...sides, sequence: 8, flags: ACK, bytes }),
    ];
  });
  return captureOf(packets, form);
}

const textsIn = async (path: string, port = 1003) =>
  (await readCorpus(path, port)).inputs.map(({ value }) =>
    encodeActions(value.connections[0] ?? []).toString(),
  );

t.test('a capture is a corpus, and so is a folder with captures', async (t) => {
  const dir = t.testdir({ 'a.bin': 'first' });
  await writeFile(join(dir, 'b.pcap'), capture(['one', 'two', 'one'], { form: { ...FORM, format: 'pcap' } }));
  await writeFile(join(dir, 'c.cap'), capture(['three'], { port: 1004 }));
  t.strictSame(await textsIn(join(dir, 'b.pcap')), ['one', 'two'], 'each stream once');
  t.match((await readCorpus(join(dir, 'b.pcap'), 1003)).notes, [
    /b\.pcap: 3 client streams to port 1003, 2 of them distinct$/,
  ]);
  t.strictSame(await textsIn(join(dir, 'c.cap'), 1004), ['three']);
  await t.rejects(
    textsIn(dir),
    /c\.cap: no client sent anything to port 1003; --capture-port .*, such as 1004$/,
  );
});

t.test('a file without a usable stream is one line', async (t) => {
  const dir = t.testdir({ text: 'hello', 'a.pcap': 'hello' });
  await mkdir(join(dir, 'folder.pcap'));
  const answers = capture(['no'], { flags: SYN | ACK });
  const late = capture(['late'], { flags: ACK });
  const wifi = capture(['x'], { form: { ...FORM, format: 'pcap' } });
  wifi.writeUInt32LE(105, 20);
  const files = { answers, late, wifi, short: captureOf([Buffer.alloc(30)], FORM) };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(dir, name), bytes);
  const wrong: [string, RegExp][] = [
    ['text', /text: it is no capture in the format pcap or pcapng$/],
    ['answers', /answers: no client sent anything to port 1003$/],
    ['late', /late: the connections to port 1003 began before the capture$/],
    ['wifi', /wifi: its link-layer headers cannot be read; use Ethernet/],
    ['short', /short: none of its 1 packets is TCP over IP$/],
    ['.', /folder\.pcap: a capture must be a file$|a\.pcap: it is no capture/],
  ];
  for (const [name, message] of wrong)
    await t.rejects(textsIn(join(dir, name)), { constructor: UsageError, message }, name);
});
