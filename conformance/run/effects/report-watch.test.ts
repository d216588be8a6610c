import { join } from 'node:path';
import t from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { launch } from '../../observers/launch.ts';
import type { ProcessEnd } from '../../observers/observer.ts';
import { resultsOf } from '../../testing/runs.ts';
import { run } from '../runner.ts';
import { ReportWatch, unusual } from './report-watch.ts';

/**
 * It keeps connections open. It fails on a payload without a task id, with a traceback in two parts, and answers none; and it writes
 * a traceback of another kind whenever a connection ends.
 */
const SERVER = `
import { createServer } from 'node:net';
const fails = (line) => process.stderr.write('Traceback (most recent call last):\\n' + line + '\\n');
createServer((socket) => {
  let bytes = Buffer.alloc(0);
  socket.on('error', () => {}).on('close', () => fails('Oops: connection ' + socket.remotePort + ' ended'));
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < 8 || bytes.length < 8 + bytes.readUInt32BE(4)) return;
    const message = String(bytes.subarray(8, 8 + bytes.readUInt32BE(4)));
    const type = bytes.readUInt32BE(0);
    bytes = Buffer.alloc(0);
    if (type !== 1) return;
    const { task_id } = JSON.parse(message);
    if (task_id === undefined) {
      process.stderr.write('Traceback (most recent call last):\\n');
      setTimeout(() => socket.destroy(), 1);
      return process.stderr.write('KeyError: no \\x1b[2Jtask_id\\n');
    }
    const body = JSON.stringify({ task_id, status: 200, message: '' });
    socket.write(Buffer.concat([Buffer.of(0, 0, 0, 1, 0, 0, 0, body.length), Buffer.from(body)]));
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
`;

t.test('a failure has the report that the process wrote because of it, and no other', async (t) => {
  const server = join(t.testdir({ 'server.mjs': SERVER }), 'server.mjs');
  const launched = await launch(`${process.execPath} ${server} {port}`);
  t.teardown(launched.stop);
  const ids = ['frame/length-two', 'frame/type-result-closed', 'json/missing-task-id'];
  const events = [];
  const { address: target, restart, watchReports } = launched;
  const selected = ({ id }: { id: string }): boolean => ids.includes(id);
  for await (const event of run({ target, restart, watchReports, catalogue, selected, jobs: 8 }))
    events.push(event);
  const said = Object.values(resultsOf(events)).map(({ scenario: { id }, attempts: [first, ...others] }) => [
    id,
    first.verdict,
    [first, ...others].find((attempt) => attempt.said)?.said,
  ]);
  const own: ProcessEnd = {
    ended: 'still running',
    lines: ['Traceback (most recent call last):', 'KeyError: no \\x1b[2Jtask_id'],
  };
  t.strictSame(said.filter(([id]) => ids.includes(String(id))).sort(), [
    ['frame/length-two', 'fail', own],
    ['frame/type-result-closed', 'fail', undefined],
    ['json/missing-task-id', 'fail', own],
  ]);
});

/** As Python writes a report, and as Node.js does. */
const traceback = (line: string): readonly string[] => ['Traceback', '  File "server.py"', line, '---'];
const stackTrace = (line: string): readonly string[] => [
  line,
  '    at server.mjs:1:2',
  '    at node:net:3:4',
  '}',
];

/** A process that writes a report when it is told to. */
function writer(linesOf = traceback) {
  const reports: ProcessEnd[] = [];
  return {
    write: (line: string): void => {
      reports.push({ ended: 'still running', lines: linesOf(line) });
    },
    watchReports: () => {
      const before = reports.length;
      return () => reports.slice(before);
    },
  };
}

t.test('only what is written from the begin to the end counts, and while the lane is kept', async (t) => {
  const { write, watchReports } = writer();
  const watch = new ReportWatch(watchReports);
  const lane = watch.over({ release: () => {}, regain: async () => {} });
  write('before');
  watch.begin();
  t.equal(watch.said, undefined);
  lane.release();
  write('while it waits');
  t.equal(watch.said, undefined);
  await lane.regain();
  write('its own');
  watch.end();
  write('after');
  t.equal(watch.said?.lines[2], 'its own');
});

for (const [name, linesOf] of Object.entries({ traceback, stackTrace }))
  t.test(`what the process writes whatever is sent is left out: ${name}`, (t) => {
    const { write, watchReports } = writer(linesOf);
    const before = watchReports();
    write('EOFError: port 1234');
    const unusualReports = unusual(watchReports, before());
    for (const [line, isLeftOut] of [
      ['EOFError: port 99', true],
      ['ConnectionResetError: [Errno 104] Connection reset by peer', true],
      ['BrokenPipeError: [Errno 32] Broken pipe', true],
      ['Error: read ECONNRESET', true],
      ['EOFError: another', false],
      ["KeyError: 'task_id'", false],
    ] as const) {
      const end = unusualReports();
      write(line);
      t.equal(end().length, isLeftOut ? 0 : 1, line);
    }
    t.end();
  });
