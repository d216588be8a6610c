/** The description for Kaitai Struct: it compiles, its table is that of docs/protocol.md, and a compiled parser reads the vectors. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import t from 'tap';
import { parse } from 'yaml';
import { expandHex, readFixture, vectorFile } from '../../conformance/vectors/load.ts';
import { DOCUMENTED_TYPES } from './testing/protocol-tables.ts';

interface Parsed {
  readonly frames: readonly {
    readonly type: number;
    readonly lenPayload: number;
    readonly payload: Uint8Array;
  }[];
}

const require = createRequire(import.meta.url);
/** Its license, GPL, keeps it out of the dependencies. CI installs it. */
const COMPILER = 'kaitai-struct-compiler';
const isInstalled = existsSync(`node_modules/${COMPILER}`);
const KSY: {
  readonly enums: { readonly message_type: Readonly<Record<string, { id: string; doc: string }>> };
} = parse(readFileSync('docs/kaitai/tasksubmit.ksy', 'utf8'));

t.test('its types are those of docs/protocol.md', (t) => {
  const types = Object.entries(KSY.enums.message_type);
  t.strictSame(
    types.map(([number, { id }]) => [Number(number), id.toUpperCase()]),
    DOCUMENTED_TYPES.map(({ number, name }) => [number, name]),
  );
  for (const [at, { message }] of DOCUMENTED_TYPES.entries())
    t.ok(types[at]?.[1].doc.includes(message), message);
  t.end();
});

const SKIP = { skip: isInstalled ? false : `${COMPILER} is not installed` };

t.test('a compiled parser reads each vector as the kit does', SKIP, async (t) => {
  const read = await compiled();
  const attempt = (bytes: Uint8Array): Parsed | undefined => {
    try {
      return read(bytes);
    } catch {
      return undefined;
    }
  };
  for (const vector of vectorFile('golden/index').vectors) {
    const bytes = readFixture(`golden/${vector.file}`);
    const parsed = attempt(bytes);
    const isRefused = !vector.valid && vector.refused_by === 'frame';
    t.equal(parsed === undefined, isRefused, vector.id);
    if (parsed === undefined) continue;
    const [frame] = parsed.frames;
    t.strictSame([frame?.type, frame?.lenPayload], [bytes.readUInt32BE(0), bytes.readUInt32BE(4)], vector.id);
  }
  for (const vector of vectorFile('vectors/frames').vectors) {
    const parsed = attempt(expandHex('stream_hex' in vector ? vector.stream_hex : vector.stream_runs));
    if (vector.ending !== 'clean') t.equal(parsed, undefined, vector.id);
    else
      t.strictSame(
        parsed?.frames.map(({ type, payload }) => ({ type, length: payload.length })),
        vector.frames.map(({ type, length }) => ({ type, length })),
        vector.id,
      );
  }
});

/** The function that a generated parser in JavaScript is. */
async function compiled(): Promise<(bytes: Uint8Array) => Parsed> {
  const compiler: {
    compile: (
      language: string,
      ksy: unknown,
      importer: unknown,
      isDebug: boolean,
    ) => Promise<Record<string, string>>;
  } = require(COMPILER);
  const files = await compiler.compile('javascript', KSY, null, false);
  const exported: { Tasksubmit?: new (stream: unknown) => Parsed } = {};
  const wrapped = `(function (exports, require) {${files['Tasksubmit.js']}\n})`;
  new Script(wrapped).runInThisContext()(exported, require);
  const Stream: new (bytes: Uint8Array) => unknown = require('kaitai-struct/KaitaiStream');
  return (bytes) => {
    if (exported.Tasksubmit === undefined) throw new TypeError('no parser was generated');
    return new exported.Tasksubmit(new Stream(Uint8Array.from(bytes)));
  };
}
