import { readFileSync } from 'node:fs';
import t from 'tap';
import { marshalTaskFile, unmarshalTaskFile } from './task-file.ts';

const VECTORS: readonly { readonly name: string; readonly json: string }[] = JSON.parse(
  readFileSync(new URL('../fixtures/vectors/task-files.json', import.meta.url), 'utf8'),
);

t.test('every vector is read, and written again byte for byte (M13)', (t) => {
  for (const { name, json } of VECTORS) {
    t.equal(Buffer.from(marshalTaskFile(unmarshalTaskFile(Buffer.from(json)))).toString(), json, name);
  }
  t.end();
});
