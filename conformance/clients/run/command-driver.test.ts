/** Clients that break the interface: each is named in bounded time, and leaves no process. */

import t from 'tap';
import { temporaryFolder } from '../../util/folders.ts';
import { ORDINARY } from '../catalogue/sending-submit.ts';
import { commandDriver } from './command-driver.ts';
import { Deadline } from './deadline.ts';
import type { DriverEnd } from './driver.ts';

/** Longer than any of these clients needs, on a busy machine too. */
const LONG_MS = 20_000;
const LINE = `echo '{"outcome":"error"}'`;

/** Starts the command once, and ends all that it left. */
async function startOf(
  command: string,
  deadlineMs = LONG_MS,
): Promise<{ readonly result: DriverEnd; readonly left: readonly string[] }> {
  const folder = await temporaryFolder();
  const driver = commandDriver(command, folder.path);
  const deadline = new Deadline(deadlineMs);
  try {
    const call = {
      host: '127.0.0.1',
      port: 9,
      play: ORDINARY,
      message: '{"a":1}',
      timeoutMs: 100,
      deadline,
    };
    return {
      result: await driver.start({ ...call, signal: new AbortController().signal }),
      left: await driver.close(),
    };
  } finally {
    deadline.release();
    await folder.remove();
  }
}

t.test('a client that keeps to the interface gets its variables and the message', async (t) => {
  const says = `printf '{"outcome":"sent","task_id":"%s","message":"%s %s %s"}\\n\\n' "$CONFORM_ACTION" "$CONFORM_HOST" "$CONFORM_PORT" "$CONFORM_TIMEOUT_MS"; cat "$CONFORM_MESSAGE" >&2`;
  const { result, left } = await startOf(says);
  t.strictSame(result, {
    end: { kind: 'reported', line: { outcome: 'sent', taskId: 'submit', message: '127.0.0.1 9 100' } },
  });
  t.strictSame(left, []);
});

t.test('what breaks the interface is said in words', async (t) => {
  const cases: readonly (readonly [command: string, breach: RegExp])[] = [
    [`echo connecting; ${LINE}`, /2 lines came: connecting/],
    [`${LINE}; ${LINE}`, /2 lines came/],
    ['echo done', /the line is no JSON: done/],
    ['echo [1]', /no JSON object/],
    [`echo '{"outcome":"ok"}'`, /outcome is \\?"ok\\?", and not one of accepted/],
    [`echo '{"outcome":"error","task_id":7}'`, /task_id is no text/],
    [`${LINE}; exit 3`, /a line came, and then exit status 3/],
    ['yes', /more than 4 MiB came/],
    [`yes | tr -d '\\n'`, /more than 4 MiB came/],
  ];
  for (const [command, breach] of cases) {
    const { result } = await startOf(command);
    t.match(result, { breach }, command);
  }
});

t.test('a client that dies is judged, with what it wrote', async (t) => {
  const { result } = await startOf('echo "Traceback: no route" >&2; exit 1');
  t.match(result, { end: { kind: 'died', how: /exit status 1; it wrote: Traceback: no route/ } });
  t.match((await startOf('kill -9 $$')).result, { end: { kind: 'died', how: 'signal SIGKILL' } });
});

t.test('a client that does not end is ended, with its children', async (t) => {
  const { result, left } = await startOf('sleep 1000 & sleep 1000', 100);
  t.match(result, { end: { kind: 'not-ended', afterMs: 100 } });
  t.strictSame(left, []);
});

t.test(
  'children that a client leaves are ended and named',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const inGroup = await startOf(`sleep 1001 >/dev/null 2>&1 & ${LINE}`);
    t.match(inGroup.result, { end: { kind: 'reported' }, left: [/\d+ \(sleep 1001\)/] });
    const outside = await startOf(`setsid sleep 1002 >/dev/null 2>&1 & sleep 0.2; ${LINE}`);
    t.match([...(outside.result.left ?? []), ...outside.left], [/\d+ \(sleep 1002\)/]);
  },
);
