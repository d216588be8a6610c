import { setMaxListeners } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startServers } from '../../conformance/mutants/check/ten-behaviours.ts';
import { main } from '../main.ts';
import { conformHere } from '../testing/process.ts';

/** One scenario of an answer and one of a refusal for each fault, which are quick. */
const FEW = [
  'submit/status',
  'submit/task-id-echoed',
  'submit/description-over-cap-two-byte',
  'frame/stranger-bare-json',
  'frame/length-shorter-than-json',
];
const TARGETS = 20;

const folder = t.testdir({ stores: {} });
const many = await startServers(TARGETS, join(folder, 'stores'));
t.teardown(() => many.close());
const file = join(folder, 'targets.txt');
writeFileSync(
  file,
  many.servers
    .map(
      ({ behaviour, address }, index) => `${behaviour}.${index}=127.0.0.1:${address.port}  # ${behaviour}\n`,
    )
    .join(''),
);

/** An absent server is not awaited. */
const argumentsFor = (reports: string, more: readonly string[] = [], targets = file): string[] => [
  ...['run', '--targets', targets, '--reports', reports, '--concurrent-per-host', '16'],
  ...['--start-timeout', '1ms', '--retries', '0', ...FEW.flatMap((id) => ['--only', id]), ...more],
];

/** What the run says, and the page. */
async function judged(t: Test, name: string) {
  const reports = join(folder, name);
  const page = join(folder, `${name}.html`);
  const ended = await conformHere(...argumentsFor(reports, ['--reporter', `matrix=${page}`]));
  t.equal(readdirSync(reports).length, TARGETS, 'a report for each target, and nothing else');
  return { ...ended, reports, page: readFileSync(page, 'utf8') };
}

const whole = await judged(t, 'whole');

t.test('many targets have one summary, the worst first, with the causes over all of them', async (t) => {
  t.equal(whole.status, 1);
  t.match(whole.out, /\n20 targets: 8 conform, 10 do not conform, 2 could not be judged \(exit 1\)\n$/);
  t.match(whole.out, /^Targets that do not conform, the worst first\n/);
  t.match(whole.out, /\n {2}2 targets: .*\n {4}description-in-characters\.14, /, 'a cause of two targets');
  t.match(whole.out, /again: conform --target 127\.0\.0\.1:\d+ --only submit\//);
  t.match(whole.out, /\n {2}2 targets: no connection \(ECONNREFUSED\)\n {4}absent\.19, absent\.9\n/);
  t.match(
    whole.err,
    /^status-201\.\d+ {2}\d scenarios? at level MUST failed/m,
    'each failure is named at once',
  );
});

t.test('the report of each target is that of a run', async (t) => {
  const report = join(whole.reports, 'status-201.5.jsonl');
  t.match(await conformHere('report', report), { status: 1, out: /FAIL submit\/status/ });
  t.match(await conformHere('report', join(whole.reports, 'answers-reordered.2.jsonl')), { status: 0 });
});

t.test('the same command judges only what is missing, and comes to the same result', async (t) => {
  const before = readFileSync(join(whole.reports, 'accepts-again.3.jsonl'), 'utf8');
  for (const name of ['id-missing.6', 'absent.9', 'answers-reordered.12'])
    rmSync(join(whole.reports, `${name}.jsonl`));
  writeFileSync(join(whole.reports, 'status-201.5.jsonl'), '');
  const resumed = await judged(t, 'whole');
  t.equal(resumed.status, whole.status);
  t.equal(resumed.out, whole.out);
  t.equal(resumed.page, whole.page);
  t.match(resumed.err, /16 of 20 targets were judged by an earlier run/);
  t.equal(
    readFileSync(join(whole.reports, 'accepts-again.3.jsonl'), 'utf8'),
    before,
    'it was not judged again',
  );
});

t.test('a signal ends the run with a summary of what was judged, and the next run continues', async (t) => {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const reports = join(folder, 'stopped');
  let [out, err, failures] = ['', '', 0];
  const status = await main(argumentsFor(reports, ['--concurrent-targets', '2']), {
    out: (data) => {
      out += String(data);
    },
    err: (text) => {
      err += text;
      failures += 1;
      if (failures === 3) stop.abort();
    },
    isTerminal: false,
    interrupted: stop.signal,
  });
  t.equal(status, 130);
  const left = Number(/(\d+) of 20 targets are not judged yet; the same command continues/.exec(err)?.[1]);
  t.ok(left > 0 && left < TARGETS);
  t.equal(readdirSync(reports).length, TARGETS - left);
  t.match(out, new RegExp(`\\n${TARGETS - left} targets: `));
  const resumed = await judged(t, 'stopped');
  t.equal(resumed.out, whole.out);
  t.equal(resumed.page, whole.page);
});

t.test('the exit status is 0 if all conform, and 4 if one could not be judged', async (t) => {
  const lines = readFileSync(file, 'utf8').split('\n');
  const run = (name: string, wanted: readonly string[]) => {
    const some = join(folder, `${name}.txt`);
    writeFileSync(some, lines.filter((line) => wanted.some((one) => line.startsWith(one))).join('\n'));
    return conformHere(...argumentsFor(join(folder, name), [], some));
  };
  t.match(await run('good', ['answers-reordered', 'accepts-again']), {
    status: 0,
    out: '4 targets: 4 conform (exit 0)\n',
  });
  t.match(await run('gone', ['answers-reordered.2=', 'absent.9=']), {
    status: 4,
    out: /could not be judged \(exit 4\)/,
  });
});

t.test('a folder with reports of a run with other options is refused', async (t) => {
  const other = await conformHere(...argumentsFor(whole.reports, ['--strict']));
  t.match(other, {
    status: 2,
    err: /\.jsonl is of a run with no --strict; give the same options, or another/,
  });
  const fewer = await conformHere(
    'run',
    '--targets',
    file,
    '--reports',
    whole.reports,
    '--only',
    'frame/legal',
  );
  t.match(fewer, { status: 2, err: /is of a run with another selection of scenarios/ });
  writeFileSync(join(folder, 'one.txt'), 'alpha=127.0.0.1:1');
  const strange = t.testdir({ 'alpha.jsonl': 'hello\n' });
  const refused = await conformHere('run', '--targets', join(folder, 'one.txt'), '--reports', strange);
  t.match(refused, { status: 2, err: /alpha\.jsonl is empty, or has no complete line|is not JSON/ });
  t.equal(readFileSync(join(strange, 'alpha.jsonl'), 'utf8'), 'hello\n', 'and stays as it is');
});

t.test('targets on other machines need a permission, and nothing is sent without it', async (t) => {
  const remote = join(
    t.testdir({ 'targets.txt': 'a=127.0.0.1:1\nb=192.0.2.1:1003\nc=[2001:db8::1]:1003\n' }),
    'targets.txt',
  );
  t.match(await conformHere('run', '--targets', remote, '--reports', join(folder, 'remote')), {
    status: 2,
    err: /line 2: b is not on this machine; give --i-own-these-targets if all are yours\n.*line 3: c is not on/,
  });
});

for (const [line, message] of [
  [['--targets', file], /--targets needs --reports DIR/],
  [['--reports', 'x'], /--reports needs --targets FILE/],
  [['--i-own-these-targets'], /--i-own-these-targets needs --targets/],
  [['--targets', file, '--target', 'a:1', '--reports', 'x'], /--targets and --target exclude each other/],
  [['--targets', file, '--reports', 'x', '--i-own-this-target'], /is for one target.*--i-own-these-targets/],
  [
    ['--targets', file, '--reports', 'x', '--concurrent-targets', '0'],
    /--concurrent-targets 0 must be a whole/,
  ],
  [
    ['--targets', file, '--reports', 'x', '--connection-rate', '0.5'],
    /--connection-rate 0\.5 must be a whole/,
  ],
  [
    ['--targets', file, '--reports', 'x', '--reporter', 'html=x.html'],
    /html keeps the records of every target/,
  ],
  [['--targets', file, '--reports', 'x', '--known-failures', 'x'], /--known-failures exclude each other/],
  [
    ['--targets', file, '--reports', 'x', '--update-known-failures'],
    /--update-known-failures exclude each other/,
  ],
  [['--targets', '/nowhere.txt', '--reports', 'x'], /nowhere.txt: no such file/],
] as const)
  t.test(line.join(' '), async (t) => {
    t.match(await conformHere('run', ...line), { status: 2, err: message });
  });
