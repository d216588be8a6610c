/** What is judged by many answers together: differences that are free, the reading of the rewards, randomness, survival. */

import type { Requirement } from '../../scenario/requirement.ts';
import { counted } from '../../util/counted.ts';
import { printable } from '../../util/printable.ts';
import type { LibraryCase } from '../cases/case.ts';
import type { Answer, Op } from '../pipe/interface.ts';
import { type Difference, differencesOf, type Freedom } from './canonical.ts';
import { type Finding, fail, pass, shownTexts, shownValue } from './finding.ts';
import { isOnlyReward, judgeReading, missingParts, type PoloAnswer, readingOf } from './polo.ts';
import { ID, idsIn } from './rules.ts';
import { frameIn, textIn } from './written.ts';

/** A scenario that many answers decide together. */
export interface OverallScenario extends Requirement {
  /** Skipped if the library has none of these. */
  readonly ops: readonly Op[];
}

/** The process of the library ended although the kit did not end it, or was silent for too long. */
export interface Loss {
  readonly code: 'ended' | 'silent';
  /** How, and when: with the scenario whose request was open, or was the last one answered. Not escaped. */
  readonly how: string;
  readonly when: string;
  /** The scenario one request of which does it alone, so that it fails. Absent if none does. */
  readonly by?: string;
}

/** Those that are faults: all but the first silence that no request causes alone, since a busy machine can delay answers. */
export function faultsIn(losses: readonly Loss[]): readonly Loss[] {
  const delay = losses.find(({ code, by }) => code === 'silent' && by === undefined);
  return losses.filter((loss) => loss !== delay);
}

const HEADER_BYTES = 8;

const FREEDOMS: readonly (readonly [freedom: Freedom, requirement: string, cause: string])[] = [
  [
    'key-order',
    'Fields are written in the documented order, and keys inside result sorted.',
    'another order of fields',
  ],
  ['white-space', 'Messages are written without white space.', 'white space between the tokens'],
  [
    'optional-fields',
    'Optional fields that are empty are left out.',
    'optional fields are written although they are empty',
  ],
  [
    'html-escapes',
    '<, >, & and the line separators of Unicode are written as \\u003c and so on.',
    '<, > and & are escaped otherwise',
  ],
  [
    'control-escapes',
    'Control characters are written as \\b, \\f, \\n, \\r, \\t or \\u00XX.',
    'control characters are escaped otherwise',
  ],
  ['other-escapes', 'All other characters are written as plain UTF-8.', 'other characters are escaped'],
  [
    'numbers',
    'Numbers inside result are written with the fewest digits.',
    'numbers inside result are written otherwise',
  ],
];

const may = (id: string, clause: string, requirement: string, ...ops: Op[]): OverallScenario => ({
  id: `library-differences/${id}`,
  clause,
  level: 'MAY',
  requirement,
  ops,
});

/** Of all losses. */
export const SURVIVAL = 'library-survival/every-input';

export const OVERALL: readonly OverallScenario[] = [
  ...FREEDOMS.map(([freedom, requirement]) => may(freedom, 'M12', requirement, 'encode')),
  may(
    'task-file-text',
    'M13',
    'Task files are indented by two spaces, in the documented order.',
    'marshal_task_file',
  ),
  may('polo-reading', 'P6', 'Rewards follow the documented reading.', 'polo'),
  {
    id: 'library-polo/one-reading',
    clause: 'P6',
    level: 'MUST',
    requirement: 'All rewards follow the same reading of the penalties.',
    ops: ['polo'],
  },
  {
    id: 'library-polo/breakdown',
    clause: 'P7',
    level: 'SHOULD',
    requirement: 'A library that reports the parts of a reward uses the documented names.',
    ops: ['polo'],
  },
  {
    id: 'library-ids/random-bits',
    clause: 'S10',
    level: 'SHOULD',
    requirement: 'All 128 bits of a generated id are random.',
    ops: ['generate_task_id'],
  },
  {
    id: SURVIVAL,
    clause: 'M11',
    level: 'MUST',
    requirement: 'A library survives every input: it answers in time, and its process does not end.',
    ops: [],
  },
];

/** Collects answers, and judges all overall scenarios at the end. */
export class Overall {
  readonly #differences = new Map<
    Freedom,
    { readonly first: Difference; readonly id: string; count: number }
  >();
  readonly #polo: PoloAnswer[] = [];
  #textDifference: { readonly got: string; readonly wanted: string } | undefined;
  #hasText = false;
  #ids: readonly string[] = [];
  #wasAsked = false;
  #written = 0;

  /** `isRight`: the answer has passed. How a wrong value is written says nothing. */
  take({ id, expect, level }: LibraryCase, answer: Answer, isRight: boolean): void {
    this.#wasAsked ||= answer.kind !== 'unsupported';
    if (expect.kind === 'frame' && level === 'MUST') {
      if (!isRight) return;
      const frame = frameIn(answer);
      const canonical = expect.canonical().toString();
      if (frame === undefined || canonical === '') return;
      this.#written += 1;
      for (const difference of differencesOf(frame.toString('utf8', HEADER_BYTES), canonical)) {
        const known = this.#differences.get(difference.freedom);
        if (known === undefined)
          this.#differences.set(difference.freedom, { first: difference, id, count: 1 });
        else known.count += 1;
      }
    } else if (expect.kind === 'task-text') {
      const text = textIn(answer);
      this.#hasText ||= text !== undefined;
      if (isRight && text !== undefined && text !== expect.canonical)
        this.#textDifference ??= { got: text, wanted: expect.canonical };
    } else if (expect.kind === 'polo' && answer.kind === 'value')
      this.#polo.push({ times: expect.times, answer });
    else if (expect.kind === 'ids') this.#ids = idsIn(answer) ?? [];
  }

  /** `losses`: all of the run until now. */
  finding({ id }: OverallScenario, losses: readonly Loss[]): Finding {
    const name = id.slice(id.indexOf('/') + 1);
    switch (name) {
      case 'task-file-text':
        return this.#textFinding();
      case 'polo-reading':
        return this.#polo.length === 0 ? NOTHING : this.#readingFinding();
      case 'one-reading':
        return this.#polo.length === 0 ? NOTHING : judgeReading(this.#polo);
      case 'breakdown':
        return this.#polo.length === 0 ? NOTHING : this.#partsFinding();
      case 'random-bits':
        return randomFinding(this.#ids);
      case 'every-input':
        return this.#survivalFinding(faultsIn(losses));
      default:
        return this.#freedomFinding(name as Freedom);
    }
  }

  #freedomFinding(freedom: Freedom): Finding {
    const difference = this.#differences.get(freedom);
    if (this.#written === 0) return NOTHING;
    if (difference === undefined) return pass(`in each of ${this.#written} messages`);
    const { first, id, count } = difference;
    const [got, wanted] = shownTexts(first.got, first.wanted);
    const what = FREEDOMS.find(([one]) => one === freedom)?.[2] ?? freedom;
    return fail(
      `${got} in ${id}, and likewise in ${count} of ${this.#written} messages`,
      wanted,
      free(what, 'M12'),
    );
  }

  #textFinding(): Finding {
    if (!this.#hasText) return NOTHING;
    if (this.#textDifference === undefined) return pass('the canonical text');
    const [got, wanted] = shownTexts(this.#textDifference.got, this.#textDifference.wanted);
    return fail(got, wanted, free('another text of a task file', 'M13'));
  }

  #readingFinding(): Finding {
    const reading = readingOf(this.#polo);
    if (reading !== 'proportional') return pass(`${reading ?? 'no'} reading`);
    return fail(
      'the proportional reading (P3)',
      'the documented reading (P2)',
      free('the proportional reading of the polo score', 'P6'),
    );
  }

  #partsFinding(): Finding {
    const [first] = this.#polo;
    const missing = first === undefined ? [] : missingParts(first.answer);
    if (missing.length === 0) return pass('all parts are named');
    // P7 binds a library that reports the parts.
    if (first !== undefined && isOnlyReward(first.answer)) return NO_PARTS;
    return fail(`no ${missing.join(', ')}`, 'each part by its documented name', {
      cause: 'parts of a reward are missing or have other names (P7)',
    });
  }

  #survivalFinding(faults: readonly Loss[]): Finding {
    const [first] = faults;
    if (first === undefined && !this.#wasAsked) return NOTHING;
    if (first === undefined) return pass('it answered every request');
    return fail(
      printable(`${counted(faults.length, 'loss', 'losses')}; the first one: ${first.how}, ${first.when}`),
      'an answer to each request, and a process that does not end',
      {
        cause: 'the library ends, or does not answer in time',
        likely: faults.some(({ by }) => by !== undefined)
          ? 'a recursive parser overflows its stack, an exception is not caught, or the work grows with the square of the input'
          : 'requests share state without a lock, an earlier one leaves damage, or memory runs out',
      },
    );
  }
}

const NO_PARTS: Finding = { verdict: 'skipped', reason: 'the library reports final_reward alone' };
const NOTHING: Finding = { verdict: 'skipped', reason: 'the adapter gave no answer that shows it' };

function free(what: string, clause: string) {
  return { cause: `done otherwise, as is permitted: ${what} (${clause})` };
}

const BITS = 128;
/** Fewest ids from which the bits are judged. */
const FEWEST = 256;
/** How far the share of ones in a bit may be from a half. At 512 ids, less than one run in 10^18 exceeds it. */
const MOST_BIAS = 0.2;

function randomFinding(ids: readonly string[]): Finding {
  const numbers = ids.filter((id) => ID.test(id)).map((id) => BigInt(`0x${id.replaceAll('-', '')}`));
  if (numbers.length < FEWEST)
    return { verdict: 'skipped', reason: `fewer than ${FEWEST} ids were generated` };
  const odd: number[] = [];
  for (let bit = 0; bit < BITS; bit += 1) {
    const ones = numbers.filter((number) => (number >> BigInt(BITS - 1 - bit)) & 1n).length;
    if (Math.abs(ones / numbers.length - 0.5) > MOST_BIAS) odd.push(bit);
  }
  if (odd.length === 0) return pass(`each of ${BITS} bits varies over ${numbers.length} ids`);
  const isVersion4 = ids.every((id) => id[14] === '4' && /[89ab]/.test(id[19] ?? ''));
  return fail(`bits ${shownValue(odd)} are not random over ${numbers.length} ids`, '128 random bits', {
    cause: isVersion4
      ? 'generated ids are UUIDs of version 4 (S10)'
      : 'some bits of generated ids are not random (S10)',
    likely: isVersion4
      ? 'the bits of version and variant are fixed, so 122 bits are random; write 16 random bytes as hex'
      : 'use 16 bytes of a cryptographic source',
  });
}
