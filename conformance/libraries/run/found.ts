/** Findings of a scenario → what a report needs of it. */

import type { Judged } from '../../report/judged.ts';
import { printable } from '../../util/printable.ts';
import type { Finding } from '../judge/finding.ts';
import type { LibraryScenario } from './catalogue.ts';

const INPUT_CHARACTERS = 120;

/** A finding, with how often it was looked for. */
export interface Found {
  readonly finding: Finding;
  readonly attempts: number;
  readonly failed: number;
}

/** The name of a difference that is permitted, before what it is; empty for a fault. */
function permitted(cause: string): string {
  const [, what] =
    /^(?:treated|done) otherwise, as is permitted(?:: (.*?))?(?: \([A-Z]\d+\))?$/.exec(cause) ?? [];
  return what === undefined ? '' : `permitted difference: ${what}; `;
}

export function once(finding: Finding): Found {
  return {
    finding,
    attempts: finding.verdict === 'skipped' ? 0 : 1,
    failed: finding.verdict === 'fail' ? 1 : 0,
  };
}

export function skip(reason: string): Found {
  return once({ verdict: 'skipped', reason });
}

/** A pass that has a control counts only if that has passed. `control`: what was found of it; undefined if there is none. */
export function judgedOf(
  scenario: LibraryScenario,
  { finding, attempts, failed }: Found,
  control: Found | undefined,
  durationMs: number,
): Omit<Judged, 'onlyAsControl'> {
  const { id, clause, level, requirement } = scenario;
  const input = scenario.by === 'case' ? `given ${printable(scenario.case.input, INPUT_CHARACTERS)}: ` : '';
  const named = { id, clause, level, requirement, ...(scenario.control && { control: scenario.control }) };
  const facts = { scenario: named, attempts, durationMs };
  switch (finding.verdict) {
    case 'pass':
      if (control !== undefined && control.finding.verdict !== 'pass')
        return {
          ...{ ...facts, observed: `${input}${finding.accepted}`, behaviour: 'as expected' },
          verdict: { verdict: 'inconclusive', reason: `its control ${scenario.control} did not pass` },
        };
      return {
        ...facts,
        observed: `${input}${finding.accepted}`,
        behaviour: 'as expected',
        verdict: finding,
      };
    case 'skipped':
      return { ...facts, observed: '', behaviour: '', verdict: finding };
    case 'fail': {
      const { got, wanted, cause, likely } = finding;
      return {
        ...facts,
        observed: `${input}${got}`,
        behaviour: cause,
        verdict: {
          verdict: 'fail',
          expected: [wanted],
          mismatches: [`${permitted(cause)}got ${got}; wanted ${wanted}`],
          cause,
          likelyCause: likely,
          failedPlays: failed,
        },
      };
    }
  }
}
