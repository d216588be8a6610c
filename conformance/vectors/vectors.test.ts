import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import type { Common } from './build/vector.ts';
import { fixtureFiles } from './fixture-files.ts';

interface VectorFile {
  readonly $schema: string;
  readonly count: number;
  readonly vectors: readonly (Common & { readonly [field: string]: unknown })[];
}

const FIXTURES = new URL('../../fixtures/', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, FIXTURES), 'utf8');
}

function parse(path: string): VectorFile {
  return JSON.parse(read(path));
}

const PATHS = [
  ...readdirSync(new URL('vectors/', FIXTURES)).map((name) => `vectors/${name}`),
  'golden/index.json',
];

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
for (const name of readdirSync(new URL('schema/', FIXTURES)))
  ajv.addSchema(JSON.parse(read(`schema/${name}`)));

/** What a schema has to say against a file; empty when they agree. */
function faults(schema: string, file: unknown): string {
  const validate = ajv.getSchema(schema.replace('../schema/', ''));
  if (validate === undefined) return `no schema ${schema}`;
  return validate(file) ? '' : ajv.errorsText(validate.errors);
}

t.test('each schema is one', (t) => {
  for (const name of readdirSync(new URL('schema/', FIXTURES)))
    t.ok(ajv.validateSchema(JSON.parse(read(`schema/${name}`))), name);
  t.notOk(ajv.validateSchema({ type: 'strnig' }));
  t.end();
});

t.test('the files are what the tables give', (t) => {
  const generated = fixtureFiles(read);
  for (const { path, content } of generated) {
    t.ok(
      Buffer.from(content).equals(readFileSync(new URL(path, FIXTURES))),
      `${path} is up to date: npm run vectors`,
    );
  }
  const golden = readdirSync(new URL('golden/', FIXTURES)).map((name) => `golden/${name}`);
  t.strictSame(
    [...PATHS, ...golden.filter((path) => path.endsWith('.bin'))].sort(),
    generated.map(({ path }) => path).sort(),
    'no file is left over',
  );
  t.end();
});

t.test('a table that contradicts an observed vector, or takes its id, is refused', (t) => {
  const observed = '"id":"decode-submit-request-task-id-number",';
  const change = (from: string, to: string) => (path: string) =>
    read(path).replace(new RegExp(`(${observed}.*?)${from}`), `$1${to}`);
  t.throws(() => fixtureFiles(change('"valid":false', '"valid":true')), /contradicts/);
  t.throws(() => fixtureFiles(change('"payload_hex":"7b', '"payload_hex":"207b')), /have the id/);
  t.end();
});

for (const path of PATHS) {
  t.test(path, (t) => {
    const file = parse(path);
    t.equal(faults(file.$schema, file), '', 'agrees with its schema');
    t.equal(file.count, file.vectors.length, 'count');
    t.equal(new Set(file.vectors.map(({ id }) => id)).size, file.count, 'ids are unique');

    const [first, ...others] = file.vectors;
    t.ok(first);
    t.not(
      faults(file.$schema, { ...file, vectors: [{ ...first, extra: 1 }, ...others] }),
      '',
      'refuses an unknown field',
    );
    t.not(faults(file.$schema, { ...file, extra: 1 }), '', 'refuses an unknown field at the top');
    for (const name of ['id', 'note', 'clause', 'level', 'source']) {
      const without = Object.fromEntries(Object.entries(first ?? {}).filter(([field]) => field !== name));
      t.not(faults(file.$schema, { ...file, vectors: [without] }), '', `requires ${name}`);
    }
    t.end();
  });
}

t.test('a payload that is shown is the payload that is meant', (t) => {
  const wrong = parse('vectors/decode.json').vectors.filter(
    ({ payload, payload_hex }) =>
      payload !== undefined && Buffer.from(String(payload)).toString('hex') !== payload_hex,
  );
  t.strictSame(wrong, []);
  t.end();
});
