/** What was inspected, as text for people: conversations, then statistics, then the lives of tasks. */

import type { Colors } from '../../conformance/index.ts';
import type { Inspected, Inspection } from '../../conformance/inspect/inspection.ts';
import type { Distribution } from '../../conformance/inspect/statistics.ts';
import type { TaskLife } from '../../conformance/inspect/task-lives.ts';
import type { Level } from '../../conformance/scenario/requirement.ts';
import { counted } from '../../conformance/util/counted.ts';
import { textTable } from '../../conformance/util/text-table.ts';

const ARROW = { sender: '>', receiver: '<' } as const;
/** Characters of the longest bar of a histogram. */
const BAR = 40;
/** Tasks that the table holds. */
const SHOWN_TASKS = 50;

/** A conversation with its frames and what is wrong with it. */
export function conversationText(inspected: Inspected, colors: Colors): string {
  const { index, sender, receiver, beganMs, endedMs, bytes, frames, frameCount, findings } = inspected;
  const { bold, dim } = colors;
  const began = beganMs === 0 ? '' : `, ${new Date(beganMs).toISOString()}`;
  const lines = [
    bold(`conversation ${index}: ${sender} > ${receiver}`) +
      dim(
        `${began}, ${duration(endedMs - beganMs)}, ${counted(bytes.sender, 'byte')} > ${counted(bytes.receiver, 'byte')} <`,
      ),
    ...frames.map(
      ({ from, atMs, text }) => `  ${ARROW[from]} ${duration(atMs - beganMs).padStart(9)}  ${text}`,
    ),
    ...(frameCount > frames.length
      ? [dim(`    and ${counted(frameCount - frames.length, 'more frame')}`)]
      : []),
    ...inspected.gaps.map((side) =>
      dim(`    bytes of the ${side} are missing; what follows them is not judged`),
    ),
    dim(`    ${inspected.ending}`),
    ...findings.flatMap(({ side, clause, level, requirement, seen, frame }) => [
      `    ${levelText(level, colors)} ${clause} broken by the ${side}${frame === undefined ? '' : `, frame ${frame}`}: ${seen}`,
      dim(`      ${requirement}`),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** All numbers, and the verdict. */
export function summaryText({ statistics, tasks }: Inspection, colors: Colors): string {
  const { bold, dim, good } = colors;
  const { sizes, statuses, endings, latencies, broken, refusals } = statistics;
  const heading = (text: string): string => `\n${bold(text)}\n`;
  const right = { align: 'right' } as const;
  const sizeRows = [...sizes].map(([name, { count, total, least, most }]) =>
    [name, count, least, Math.round(total / count), most].map(String),
  );
  const parts = [
    heading('Frames'),
    textTable(
      [['type', 'frames', 'least bytes', 'mean', 'most'], ...sizeRows],
      [{}, right, right, right, right],
    ),
    heading('Statuses and ends'),
    textTable(
      [...statuses, ['SUBMITs refused', refusals] as const, ...endings].map(([name, count]) => [
        name,
        String(count),
      ]),
      [{}, right],
    ),
  ];
  if (latencies.count > 0) parts.push(heading('Time from a SUBMIT to its answer'), histogram(latencies));
  const table = taskTable([...tasks], colors);
  if (table !== '') parts.push(heading('Tasks'), table);
  if (tasks.size > SHOWN_TASKS)
    parts.push(dim(`and ${counted(tasks.size - SHOWN_TASKS, 'more task')}; --json has all\n`));
  if (tasks.left > 0)
    parts.push(
      dim(
        `${counted(tasks.left, 'message of further tasks is', 'messages of further tasks are')} not kept\n`,
      ),
    );
  parts.push(heading('Verdict'));
  for (const { rule, side, clause, level, requirement, conversations, first, seen } of broken) {
    const times =
      conversations === 1 ? `conversation ${first}` : `${conversations} conversations, the first is ${first}`;
    parts.push(
      `${levelText(level, colors)} ${clause} broken by the ${side} in ${times}: ${seen}\n`,
      dim(`  ${rule}: ${requirement}\n`),
    );
  }
  const judged = `${counted(statistics.conversations, 'conversation')} judged`;
  const missing = statistics.incomplete === 0 ? '' : `, ${statistics.incomplete} of them with bytes missing`;
  const must = broken.filter(({ level }) => level === 'MUST').length;
  const words =
    broken.length === 0
      ? 'nothing is broken'
      : `${counted(broken.length, 'rule is', 'rules are')} broken, ${must} of them MUST`;
  parts.push(
    broken.length === 0 ? good(`${judged}${missing}: ${words}\n`) : `${judged}${missing}: ${words}\n`,
  );
  return parts.join('');
}

/** A line for each event of a task, with the time since its first one. */
function taskTable(lives: readonly TaskLife[], { dim }: Colors): string {
  const rows = lives.slice(0, SHOWN_TASKS).flatMap((life) => {
    const began = life.events[0]?.atMs ?? 0;
    const reward =
      life.rewards && `polo ${life.rewards.documented} documented, ${life.rewards.proportional} proportional`;
    const times =
      life.times &&
      `idle ${life.times.idleMs} ms, staged ${life.times.stagedMs} ms, cpu ${life.times.cpuMs} ms`;
    return [
      ...life.events.map(({ conversation, atMs, what }, at) => [
        at === 0 ? life.id : '',
        `+${duration(atMs - began)}`,
        what,
        `conversation ${conversation}`,
      ]),
      ...(life.more > 0 ? [['', '', `and ${life.more} more`, '']] : []),
      ...(times === undefined ? [] : [['', '', times, reward ?? 'polo without value']]),
    ];
  });
  return rows.length === 0 ? '' : textTable(rows, [{}, { align: 'right' }, {}, { style: dim }]);
}

function histogram({ buckets, count, total, least, most }: Distribution): string {
  const highest = Math.max(...buckets.map((bucket) => bucket.count));
  const first = buckets.findIndex((bucket) => bucket.count > 0);
  const last = buckets.findLastIndex((bucket) => bucket.count > 0);
  const rows = buckets.slice(first, last + 1).map(({ below, count }) => {
    const label = Number.isFinite(below) ? `< ${duration(below)}` : 'more';
    return [label, String(count), '#'.repeat(Math.ceil((BAR * count) / highest))];
  });
  const numbers = `${counted(count, 'answer')}: least ${duration(least)}, mean ${duration(total / count)}, most ${duration(most)}\n`;
  return textTable(rows, [{ align: 'right' }, { align: 'right' }]) + numbers;
}

function levelText(level: Level, { bad, warn, dim }: Colors): string {
  return { MUST: bad, SHOULD: warn, MAY: dim }[level](level);
}

/** Milliseconds with three digits, or seconds. */
function duration(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Number(ms.toPrecision(3))} ms`;
}
