/** The verdict on one answer: the outcome, or what was got, what was wanted, and the likely cause in terms of code. */

import { counted } from '../../util/counted.ts';
import { printable } from '../../util/printable.ts';
import type { Plain } from '../pipe/field.ts';

export type Finding =
  | { readonly verdict: 'pass'; readonly accepted: string }
  | {
      readonly verdict: 'fail';
      /** Escaped, of bounded length. */
      readonly got: string;
      readonly wanted: string;
      /** Plain words without values: failures with the same text have one cause. */
      readonly cause: string;
      /** The likely defect in the code of the library. */
      readonly likely?: string | undefined;
    }
  | { readonly verdict: 'skipped'; readonly reason: string };

/** What differs, and the likely defect. */
export interface Cause {
  readonly cause: string;
  readonly likely?: string | undefined;
}

export function pass(accepted: string): Finding {
  return { verdict: 'pass', accepted };
}

export function fail(got: string, wanted: string, cause: Cause): Finding {
  return { verdict: 'fail', got, wanted, ...cause };
}

/** Of a value that the kit did not expect. */
export const WRONG_SHAPE: Cause = {
  cause: 'the adapter answers in another form than the interface demands',
  likely: 'compare the answer with fixtures/schema/adapter.schema.json',
};

const SHOWN = 100;
/** Characters before the first difference that are shown. */
const BEFORE = 20;

/** Any JSON value of an answer, for a person. */
export function shownValue(value: unknown): string {
  return value === undefined ? 'nothing' : printable(jsonText(value), SHOWN);
}

/** The text of a JSON value. An answer may nest more deeply than it can be written. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return 'a value that is nested too deeply to be shown';
  }
}

/** A field for a person. */
export function shownField(field: Plain | undefined): string {
  if (field === undefined) return 'a value of another type';
  if (typeof field === 'string') return printable(JSON.stringify(field), SHOWN);
  if (typeof field === 'bigint') return String(field);
  if (!Buffer.isBuffer(field)) return shownValue(field.json);
  return `${counted(field.length, 'byte')} ${field.subarray(0, SHOWN / 4).toString('hex')}${field.length > SHOWN / 4 ? '…' : ''}`;
}

/** Both of two texts from shortly before their first difference on. */
export function shownTexts(got: string, wanted: string): readonly [got: string, wanted: string] {
  let at = 0;
  while (at < got.length && got[at] === wanted[at]) at += 1;
  const from = at > SHOWN / 2 ? at - BEFORE : 0;
  const cut = (text: string) =>
    `${from > 0 ? `from character ${from}: …` : ''}${printable(text.slice(from), SHOWN)}`;
  return [cut(got), cut(wanted)];
}
