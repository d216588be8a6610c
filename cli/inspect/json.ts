/** What was inspected, as JSON Lines for programs: a line for each conversation, one for each task, and one with all numbers. */

import type { Inspected, Inspection } from '../../conformance/inspect/inspection.ts';
import { jsonEscape, UNSAFE } from '../../conformance/util/printable.ts';

export function conversationJson(inspected: Inspected): string {
  return line({ record: 'conversation', ...inspected });
}

export function* summaryJson({ statistics, tasks }: Inspection): Generator<string, void> {
  for (const task of tasks) yield line({ record: 'task', ...task });
  const { conversations, incomplete, refusals, sizes, statuses, endings, latencies, broken } = statistics;
  yield line({
    record: 'summary',
    ...{ conversations, incomplete, refusals, broken, latencies },
    ...{ sizes: Object.fromEntries(sizes), statuses: Object.fromEntries(statuses) },
    ...{ endings: Object.fromEntries(endings), tasks: tasks.size, messagesLeft: tasks.left },
  });
}

/** The last bound of a distribution, Infinity, becomes null. */
function line(value: object): string {
  // JSON.stringify leaves most unsafe characters as they are.
  return `${JSON.stringify(value).replace(UNSAFE, jsonEscape)}\n`;
}
