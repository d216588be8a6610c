/** An end of the process is never a pass, whatever was asked meanwhile. */

import { join } from 'node:path';
import t from 'tap';
import { faultsIn, type Loss } from '../judge/overall.ts';
import { adapter } from '../testing/adapters.ts';
import { type LibraryReport, report } from '../testing/runs.ts';

const SURVIVAL = 'library-survival/every-input';

/** Ends as `end` says when this many requests were read, which happens once: the file shows whether it has. */
const dying = (file: string, count: number, end: string): string =>
  adapter(`
    const { existsSync, writeFileSync } = require("node:fs");
    globalThis.count = (globalThis.count ?? 0) + 1;
    if (count >= ${count} && !existsSync("${file}")) { writeFileSync("${file}", ""); ${end} }
    answer({ ok: false, error: "" });`);

/** Asked one after another. */
const IDS = /^library-generated\/ids-unique$/;
/** Asked many at a time. */
const TIMES = /^library-times/;

const selected =
  (...patterns: readonly RegExp[]) =>
  ({ id }: { readonly id: string }): boolean =>
    patterns.some((pattern) => pattern.test(id));

for (const { name, count, end, asked, when } of [
  {
    name: 'with many requests open',
    count: 20,
    end: 'process.exit(3);',
    asked: TIMES,
    when: /while library-times.+ more were asked, but by none of them alone/,
  },
  {
    name: 'with one request open',
    count: 1,
    end: 'process.exit(3);',
    asked: IDS,
    when: /while library-generated.ids-unique was asked, but not when it was asked again/,
  },
  {
    name: 'after an answer',
    count: 1,
    end: 'answer({ ok: false }); process.exit(3);',
    asked: IDS,
    when: /while .*library-generated.ids-unique.*/,
  },
  {
    name: 'after the last answer',
    count: 2,
    end: 'answer({ ok: false }); process.exit(3);',
    asked: IDS,
    when: /while .*library-generated.ids-unique.*/,
  },
])
  t.test(`the process ends once, ${name}`, async (t) => {
    const line = dying(join(t.testdir(), 'died'), count, end);
    const found = await report(line, { isSelected: selected(asked, /^library-survival/) });
    t.match(found.verdicts.get(SURVIVAL), {
      verdict: 'fail',
      mismatches: [
        new RegExp(`1 loss; the first one: the adapter ended with exit status 3, ${when.source};`),
      ],
    });
    t.strictSame(found.end, { kind: 'end', because: 'complete' });
  });

t.test('the process ends at each request, but only after the answer', async (t) => {
  const found = await report(adapter('answer({ ok: false }); process.exit(3);'), {
    isSelected: selected(TIMES, /^library-survival/),
  });
  t.match(found.verdicts.get(SURVIVAL), { verdict: 'fail', mismatches: [/12 losses/] });
});

t.test('an end that no selected scenario shows', async (t) => {
  const ended = async (line: string): Promise<LibraryReport['end']> =>
    (await report(line, { isSelected: selected(TIMES) })).end;
  const once = await ended(dying(join(t.testdir(), 'died'), 20, 'process.exit(3);'));
  t.match(once, { because: 'cannot-run', detail: /exit status 3, while library-times\/.* alone$/ });
  const may = adapter('if (/[+]24:00$/.test(args.text)) process.exit(3); answer({ ok: false });');
  t.match(await ended(may), { because: 'cannot-run', detail: /exit status 3, at library-times\// });
});

t.test('a silence that no request causes alone is a fault from the second on', async (t) => {
  const loss = (code: Loss['code'], by?: string): Loss => ({
    ...{ code, how: '', when: '' },
    ...(by !== undefined && { by }),
  });
  const [ended, silent, silentAt] = [loss('ended'), loss('silent'), loss('silent', 'library-times/x')];
  for (const [losses, faults] of [
    [[], []],
    [[ended], [ended]],
    [[silent], []],
    [[silentAt], [silentAt]],
    [[silent, ended], [ended]],
    [
      [silent, loss('silent'), silentAt],
      [loss('silent'), silentAt],
    ],
  ])
    t.strictSame(faultsIn(losses ?? []), faults);
});
