/** The life of each task over all conversations: SUBMIT, updates, results. */

import { SEND_RESULTS, STATUS_UPDATE, SUBMIT } from '../scenario/bytes.ts';
import type { TrafficFrame } from '../traffic/conversation.ts';
import { printable } from '../util/printable.ts';
import { numberField, statusField, textField } from './frame-fields.ts';
import { type Rewards, rewardsOf, type TaskTimes } from './polo.ts';

/** One message of a task. */
export interface LifeEvent {
  /** The index of the conversation. */
  readonly conversation: number;
  readonly atMs: number;
  /** As `SUBMIT`, `answer 200`, `ACCEPTED` or `results text`; escaped. */
  readonly what: string;
}

/** A task. */
export interface TaskLife {
  /** Escaped, and cut if it is long. */
  readonly id: string;
  readonly events: readonly LifeEvent[];
  /** Events that are not kept. */
  readonly more: number;
  /** Those of its last results. Absent without any. */
  readonly times?: TaskTimes;
  /** Absent without results, and where the formula has no value. */
  readonly rewards?: Rewards;
}

/** Tasks, and events of one task, that are kept; more are only counted. */
const MOST_TASKS = 10_000;
const MOST_EVENTS = 32;

interface Life {
  readonly id: string;
  readonly events: LifeEvent[];
  more: number;
  times?: TaskTimes;
}

export class TaskLives {
  readonly #lives = new Map<string, Life>();
  /** Messages of tasks that are not kept. */
  left = 0;

  /** Adds a message that names a task. */
  add(frame: TrafficFrame, conversation: number): void {
    const id = textField(frame, 'task_id');
    const what = eventOf(frame);
    if (id === undefined || id === '' || what === undefined) return;
    const life = this.#lifeOf(id);
    if (life === undefined) {
      this.left += 1;
      return;
    }
    const event = { conversation, atMs: frame.endedMs, what };
    if (life.events.length < MOST_EVENTS) life.events.push(event);
    else life.more += 1;
    if (frame.from === 'sender' && frame.type === SEND_RESULTS) {
      const [idleMs, stagedMs, cpuMs] = ['idle', 'staged', 'cpu'].map((name) =>
        numberField(frame, `time_${name}_ms`),
      );
      if (idleMs !== undefined && stagedMs !== undefined && cpuMs !== undefined)
        life.times = { idleMs, stagedMs, cpuMs };
    }
  }

  /** Number of tasks that are kept. */
  get size(): number {
    return this.#lives.size;
  }

  /** In the order of their first messages. */
  *[Symbol.iterator](): Generator<TaskLife, void> {
    for (const { id, events, more, times } of this.#lives.values()) {
      const rewards = times && rewardsOf(times);
      yield { id, events, more, ...(times && { times }), ...(rewards && { rewards }) };
    }
  }

  #lifeOf(id: string): Life | undefined {
    const shown = printable(id, 64);
    const known = this.#lives.get(shown);
    if (known !== undefined || this.#lives.size >= MOST_TASKS) return known;
    const life: Life = { id: shown, events: [], more: 0 };
    this.#lives.set(shown, life);
    return life;
  }
}

function eventOf(frame: TrafficFrame): string | undefined {
  if (frame.from === 'receiver') return `answer ${statusField(frame) ?? 'without status'}`;
  if (frame.type === SUBMIT) return 'SUBMIT';
  if (frame.type === STATUS_UPDATE) return statusField(frame) ?? 'an update without status';
  if (frame.type !== SEND_RESULTS) return undefined;
  return `results ${printable(textField(frame, 'result_type') ?? 'without type', 16)}`;
}
