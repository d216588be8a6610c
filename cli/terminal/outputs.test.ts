import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PLAN, reportOf, scenarioRecord } from '../../conformance/testing/records.ts';
import type { Context } from '../core/context.ts';
import { Outputs } from './outputs.ts';

// As on the terminal of a person.
const before = { ...process.env };
Object.assign(process.env, { CI: '', TERM: 'xterm' });
t.teardown(() => {
  for (const name of ['CI', 'TERM']) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
});

t.test('the summary of a job has the run once, however many reporters annotate it', async (t) => {
  const dir = t.testdir();
  const [summary, file] = [join(dir, 'summary.md'), join(dir, 'annotations.txt')];
  process.env['GITHUB_STEP_SUMMARY'] = summary;
  t.teardown(() => delete process.env['GITHUB_STEP_SUMMARY']);
  const context: Context = {
    out: () => {},
    err: (text) => t.fail(text),
    isTerminal: false,
    interrupted: new AbortController().signal,
  };
  const outputs = new Outputs([{ format: 'github' }, { format: 'github', file }], {}, context);
  for (const record of reportOf([scenarioRecord('a/b', 'pass')])) outputs.take(record);
  outputs.end();
  t.equal(readFileSync(summary, 'utf8').match(/^## /gm)?.length, 1);
  t.match(readFileSync(file, 'utf8'), /^::notice /);
});

t.test('what a run waits for is shown on a terminal, and in no file', async (t) => {
  const file = join(t.testdir(), 'report.txt');
  const written: string[] = [];
  const context: Context = {
    out: (data) => void written.push(String(data)),
    err: (text) => t.fail(text),
    isTerminal: true,
    interrupted: new AbortController().signal,
  };
  const reporters = [{ format: 'pretty' }, { format: 'pretty', file }] as const;
  const outputs = new Outputs(reporters, { all: true }, context);
  const [plan = PLAN, ...others] = reportOf([scenarioRecord('a/b', 'fail'), scenarioRecord('a/c', 'fail')]);
  outputs.take(plan);
  outputs.waiting({ ids: ['a/b'], leftMs: 2000 });
  t.match(written.at(-1), /waits at most 2 s for a\/b/);
  for (const record of others) outputs.take(record);
  outputs.end();
  const text = readFileSync(file, 'utf8');
  t.notMatch(text, /waits at most/);
  t.match(text, /^FAIL a\/c \(MUST/m, 'the style applies to files too');
});
