/** The adapters in C and Go pass. That in Python does in planted-faults.test.ts, that in TypeScript in judge-library.test.ts. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isQuick, report } from '../testing/runs.ts';

t.test('C', { skip: spawnSync('cc', ['--version']).error ? 'there is no cc' : false }, async (t) => {
  const program = join(t.testdir(), 'adapter');
  const source = 'docs/adapters/c/adapter.c';
  const flags = ['-std=c11', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program, source, '-lm'];
  const compiled = spawnSync('cc', flags, { encoding: 'utf8' });
  t.equal(compiled.status, 0, compiled.stderr);
  await passes(t, program);
});

t.test('Go', { skip: spawnSync('go', ['version']).error ? 'there is no go' : false }, async (t) => {
  const program = join(t.testdir(), 'adapter');
  const built = spawnSync('go', ['build', '-o', program, 'docs/adapters/go/adapter.go'], {
    encoding: 'utf8',
  });
  t.equal(built.status, 0, built.stderr);
  await passes(t, program);
});

async function passes(t: Test, program: string): Promise<void> {
  const found = await report(program, { isSelected: isQuick });
  t.strictSame(found.end, { kind: 'end', because: 'complete' });
  t.strictSame(found.causes('MUST', 'SHOULD'), []);
  t.ok((found.counts['pass'] ?? 0) > 1000);
}
