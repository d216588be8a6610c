import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { CRASH_REPORTS, type CrashReport } from '../../testing/crash-reports.ts';
import { causeText, crashCauseOf } from './cause.ts';

const causeOf = (ended: string, output: string): string | undefined => {
  const cause = crashCauseOf({ ended, lines: output.split('\n').filter(Boolean) });
  return cause && causeText(cause);
};

t.test('the cause of each report', async (t) => {
  for (const { name, cause, output, ended = 'exit status 1' } of CRASH_REPORTS)
    t.equal(causeOf(ended, output), cause, name);
});

/** The report as another run of the program writes it, or a build of it with other lines. */
function again({ cause, output }: CrashReport, by: number): string {
  const other = (number: string): string => (BigInt(number) + BigInt(by)).toString(16);
  const isOfPlaces = /\+0x|:\d+$/.test(cause);
  return output
    .replaceAll(/0x[0-9a-f]{6,}/g, (address) => `0x${other(address)}`)
    .replaceAll(/==\d+==/g, `==${by}==`)
    .replaceAll(/(?<=^thread '.*' \()\d+/gm, String(by))
    .replaceAll(/(?<=goroutine )\d+/g, String(by))
    .replaceAll(/(?<=(?:size|length|index is|len is) )\d+/g, String(by))
    .replaceAll(/(?<=\.(?:c|go|rs|mjs|py|java):)\d+|(?<=", line )\d+/g, (line) =>
      isOfPlaces ? line : String(by),
    );
}

t.test('the cause does not depend on addresses, ids, sizes and lines', async () => {
  const report = fc.constantFrom(...CRASH_REPORTS);
  fc.assert(
    fc.property(report, fc.integer({ min: 1, max: 9999 }), (one, by) => {
      assert.equal(causeOf(one.ended ?? 'exit status 1', again(one, by)), one.cause, one.name);
    }),
  );
});

t.test('lines of a log before the report do not change the cause, and no line is too much', async () => {
  const log = fc.array(
    fc.stringMatching(/^[ -~]{0,60}$/).filter((line) => !/Error|error|panic|at |#\d|File|\*\*\*/.test(line)),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...CRASH_REPORTS.filter(({ output }) => output !== '')),
      log,
      (one, lines) => {
        assert.equal(
          causeOf(one.ended ?? 'exit status 1', [...lines, one.output].join('\n')),
          one.cause,
          one.name,
        );
      },
    ),
  );
  const piece = fc.constantFrom(
    '==1==ERROR: AddressSanitizer: ',
    '    #0 0x1 in ',
    'panic: ',
    'goroutine 1 [',
    'Traceback (most recent call last)',
    '  File "',
    '    at ',
    '(',
    ')',
    ' ',
    'Node.js v2',
    "thread '",
    "' panicked at ",
    'Caused by: ',
    '*** ',
    'a'.repeat(900),
  );
  const lines = fc.array(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').slice(0, 1000)),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(lines, (some) => typeof (causeOf('exit status 1', some.join('\n')) ?? '') === 'string'),
  );
});

t.test('a signal that the kit sends is no cause', async (t) => {
  for (const ended of ['signal SIGKILL', 'signal SIGTERM', 'exit status 1', 'still running'])
    t.equal(causeOf(ended, 'served 17 frames'), undefined, ended);
});
