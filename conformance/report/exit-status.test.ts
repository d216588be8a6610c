import { readFileSync } from 'node:fs';
import t from 'tap';
import { packageFile } from '../util/package-file.ts';
import { EXIT, EXIT_MEANINGS, type ExitName, type ExitStatus, statusOfRuns, worst } from './exit-status.ts';

const NAMES = Object.keys(EXIT) as ExitName[];

for (const page of ['README.md', 'docs/ci.md']) {
  t.test(`${page} lists the exit statuses of the table`, async (t) => {
    const rows = readFileSync(packageFile(page), 'utf8').matchAll(/^\| (\d+) +\| (.+?) +\|$/gm);
    t.strictSame(
      [...rows].map(([, status, meaning]) => [Number(status), meaning]),
      NAMES.map((name) => [EXIT[name], EXIT_MEANINGS[name]]),
    );
  });
}

t.test('the status of several runs is the one that invalidates most', async (t) => {
  const order: readonly ExitStatus[] = [0, 4, 5, 1, 6, 130, 3];
  t.strictSame(
    order.map((_, at) => worst(order.slice(0, at + 1))),
    order,
  );
  t.equal(worst([EXIT.success]), EXIT.success);
  t.equal(worst([]), EXIT.incomplete, 'no run, no verdict');
});

t.test('of several servers, one that cannot be reached hides no failure of another', async (t) => {
  const { unreachable, failed, success, incomplete } = EXIT;
  const server = (exitStatus: ExitStatus) => ({ exitStatus });
  const client = (exitStatus: ExitStatus) => ({ command: 'client', exitStatus });
  t.equal(statusOfRuns([server(unreachable)]), unreachable);
  t.equal(statusOfRuns([server(unreachable), server(success)]), incomplete);
  t.equal(statusOfRuns([server(unreachable), server(failed)]), failed);
  t.equal(statusOfRuns([server(unreachable), client(failed)]), unreachable, 'parts of one implementation');
  t.equal(statusOfRuns([]), incomplete);
});
