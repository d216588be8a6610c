/** The line that a client prints: standard output → outcome, or what breaks the interface. Pure. */

import { parseJson } from '../../payload/parse-json.ts';
import { printable } from '../../util/printable.ts';
import { OUTCOMES, type Outcome } from '../scenario/client-scenario.ts';

/** What a client reported. */
export interface OutcomeLine {
  readonly outcome: Outcome;
  readonly taskId?: string;
  readonly message?: string;
}

/** What a client has to print. */
export const EXPECTED_LINE = `one line of JSON on standard output, such as {"outcome":"accepted","task_id":"…","message":"…"}, and exit status 0`;

/** UTF-16 units of the client's output in a message. */
const SHOWN = 120;

/**
 * The outcome, or in words why the output is not one line with an outcome; 'none' if it is empty. Lines without any
 * character but white space do not count.
 */
export function readOutcomeLine(output: string): OutcomeLine | { readonly breach: string } | 'none' {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const [line, second] = lines;
  if (line === undefined) return 'none';
  if (second !== undefined)
    return { breach: `${lines.length} lines came: ${printable(line, SHOWN)} / ${printable(second, SHOWN)}` };
  let value: unknown;
  try {
    value = parseJson(line);
  } catch {
    return { breach: `the line is no JSON: ${printable(line, SHOWN)}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { breach: `the line is no JSON object: ${printable(line, SHOWN)}` };
  const { outcome, task_id, message } = value as Readonly<Record<string, unknown>>;
  const known = OUTCOMES.find((one) => one === outcome);
  if (known === undefined)
    return {
      breach: `outcome is ${printable(JSON.stringify(outcome) ?? 'missing', SHOWN)}, and not one of ${OUTCOMES.join(', ')}`,
    };
  if (!isTextOrNone(task_id)) return { breach: 'task_id is no text' };
  if (!isTextOrNone(message)) return { breach: 'message is no text' };
  return {
    outcome: known,
    ...(typeof task_id === 'string' && { taskId: task_id }),
    ...(typeof message === 'string' && { message }),
  };
}

/** Missing and null are the same. */
function isTextOrNone(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}
