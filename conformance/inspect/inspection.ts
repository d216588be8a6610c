/** Events of many conversations, in any order, to verdicts, statistics and the lives of tasks. Pure, and its memory is bounded. */

import { SUBMIT } from '../scenario/bytes.ts';
import type { Finding, Noted, Side, TrafficEvent, TrafficFrame } from '../traffic/conversation.ts';
import { ConversationJudge } from '../traffic/judge.ts';
import { describeFrame } from './frame-fields.ts';
import { Statistics } from './statistics.ts';
import { TaskLives } from './task-lives.ts';

/** Both sides of a conversation, as host:port or another name. */
export interface Sides {
  readonly sender: string;
  readonly receiver: string;
}

/** A frame as a line shows it. */
export interface ShownFrame {
  readonly from: Side;
  readonly index: number;
  readonly atMs: number;
  /** Escaped. */
  readonly text: string;
}

/** A conversation that is over. */
export interface Inspected extends Sides {
  /** Counts from 1. */
  readonly index: number;
  readonly beganMs: number;
  readonly endedMs: number;
  /** Bytes of each side that were seen. */
  readonly bytes: Readonly<Record<Side, number>>;
  /** The first frames of both sides in the order in which they were complete, and how many there were. */
  readonly frames: readonly ShownFrame[];
  readonly frameCount: number;
  readonly findings: readonly Finding[];
  /** How it ended, in words. */
  readonly ending: string;
  /** Sides of which bytes are missing. */
  readonly gaps: readonly Side[];
}

/** Frames of a conversation that are kept, and SUBMITs that wait for their answers. */
const KEPT_FRAMES = 16;
const MOST_WAITING = 64;

/** A conversation that goes on. */
export class OpenConversation {
  readonly index: number;
  readonly #sides: Sides;
  readonly #judge = new ConversationJudge();
  readonly #statistics: Statistics;
  readonly #tasks: TaskLives;
  readonly #beganMs: number;
  readonly #bytes = { sender: 0, receiver: 0 };
  readonly #frames: ShownFrame[] = [];
  readonly #findings: Finding[] = [];
  readonly #gaps: Side[] = [];
  /** When SUBMITs were complete that have no answer yet. */
  readonly #waiting: number[] = [];
  #frameCount = 0;
  #lastMs: number;
  #ending: string[] = [];

  constructor(sides: Sides, index: number, beganMs: number, statistics: Statistics, tasks: TaskLives) {
    this.#sides = sides;
    this.index = index;
    this.#beganMs = beganMs;
    this.#lastMs = beganMs;
    this.#statistics = statistics;
    this.#tasks = tasks;
  }

  /** The most connections to the receiver that are open at a time. */
  set connections(count: number) {
    this.#judge.connections = count;
  }

  push(event: TrafficEvent): void {
    this.#lastMs = event.atMs;
    if (event.kind === 'bytes') this.#bytes[event.from] += event.bytes.length;
    else if (event.kind === 'gap') this.#gaps.push(event.from);
    else this.#ending.push(`the ${event.from} ${event.kind === 'fin' ? 'closed' : 'reset'}`);
    this.#note(this.#judge.push(event));
  }

  /** Ends it. `atMs`: when the recording ended, if the connection was still open then. */
  end(atMs?: number): Inspected {
    if (atMs !== undefined) this.#note(this.#judge.close(Math.max(atMs, this.#lastMs)));
    const ending = this.#ending.join(', ') || 'still open';
    this.#statistics.ending(ending);
    if (this.#gaps.length > 0) this.#statistics.incomplete += 1;
    return {
      ...this.#sides,
      ...{ index: this.index, beganMs: this.#beganMs, endedMs: this.#lastMs, bytes: this.#bytes },
      ...{ frames: this.#frames, frameCount: this.#frameCount, findings: this.#findings },
      ...{ ending, gaps: this.#gaps },
    };
  }

  #note(noted: readonly Noted[]): void {
    for (const one of noted) {
      if (one.kind === 'finding') {
        this.#findings.push(one.finding);
        this.#statistics.finding(one.finding, this.index);
      } else this.#frame(one.frame);
    }
  }

  #frame(frame: TrafficFrame): void {
    const { from, index, endedMs: atMs, type } = frame;
    this.#frameCount += 1;
    if (this.#frames.length < KEPT_FRAMES)
      this.#frames.push({ from, index, atMs, text: describeFrame(frame) });
    this.#statistics.frame(frame);
    this.#tasks.add(frame, this.index);
    if (from === 'sender' && type === SUBMIT && this.#waiting.length < MOST_WAITING) this.#waiting.push(atMs);
    const asked = from === 'receiver' ? this.#waiting.shift() : undefined;
    if (asked !== undefined) this.#statistics.latency(atMs - asked);
  }
}

export class Inspection {
  readonly statistics = new Statistics();
  readonly tasks = new TaskLives();

  /** Begins a conversation. `beganMs`: on the clock of its events. */
  begin(sides: Sides, beganMs: number): OpenConversation {
    this.statistics.conversations += 1;
    return new OpenConversation(sides, this.statistics.conversations, beganMs, this.statistics, this.tasks);
  }
}
