/** Runs of adapters for tests. */

import { libraryProperties } from '../../../fuzz/libraries/properties.ts';
import type { JudgedEvent, JudgedVerdict } from '../../report/judged.ts';
import { libraryCatalogue } from '../run/catalogue.ts';
import { judgeLibrary, type LibraryRun } from '../run/judge-library.ts';

export const catalogue = libraryCatalogue(libraryProperties({ seed: 1, runs: 50 }));

/** Inputs of many KiB, and messages whose fields are of the same kinds as those of the others, take most of the time. */
const REPEATED =
  /-(depth-1000000|long|fills-frame|at-bound|below-bound|file-data-(at|below|above|far-above))|^library-frames\/length-(1048576|16777215)$|^library-decode\/(submit-response|task-result-(?!message)|task-status|task-file)/;

export const isQuick = ({ id }: { readonly id: string }): boolean => !REPEATED.test(id);

/** Inputs of half a MiB and more. An adapter that is to pass is asked them; what other adapters show, smaller ones show, too. */
const LARGE = /^library-frames\/length-16777216$|-depth-open-/;

export const isSmall = (one: { readonly id: string }): boolean => isQuick(one) && !LARGE.test(one.id);

export interface LibraryReport {
  /** Failures at a level, by their causes. */
  readonly causes: (...levels: readonly string[]) => readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly verdicts: ReadonlyMap<string, JudgedVerdict>;
  readonly end: Extract<JudgedEvent, { kind: 'end' }>;
}

/** Judges what the shell starts with this line. Default: with the small inputs. */
export async function report(line: string, options: Partial<LibraryRun> = {}): Promise<LibraryReport> {
  const verdicts = new Map<string, JudgedVerdict>();
  const counts: Record<string, number> = {};
  const found: { readonly level: string; readonly cause: string }[] = [];
  let end: LibraryReport['end'] | undefined;
  const run: LibraryRun = {
    catalogue,
    isSelected: isSmall,
    retries: 0,
    bail: false,
    signal: new AbortController().signal,
    clock: Date.now,
    startMs: 60_000,
    answerMs: 60_000,
    ...options,
  };
  for await (const event of judgeLibrary(line, run)) {
    if (event.kind === 'end') end = event;
    if (event.kind !== 'result') continue;
    const { scenario, verdict } = event.judged;
    verdicts.set(scenario.id, verdict);
    counts[verdict.verdict] = (counts[verdict.verdict] ?? 0) + 1;
    if (verdict.verdict === 'fail') found.push({ level: scenario.level, cause: verdict.cause });
  }
  if (end === undefined) throw new Error('the run has no end');
  const causes = (...levels: readonly string[]) => [
    ...new Set(found.filter(({ level }) => levels.includes(level)).map(({ cause }) => cause)),
  ];
  return { causes, counts, verdicts, end };
}
