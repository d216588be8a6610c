/**
 * The judge of a conversation: events in, frames and findings out. Pure, and what it keeps is bounded, so that a proxy can
 * judge a connection as it goes on.
 *
 * A finding is certain: what a timeout of the sender, a reset on the way or a gap in the recording may explain is none.
 */

import { SUBMIT } from '../scenario/bytes.ts';
import { counted } from '../util/counted.ts';
import { printable } from '../util/printable.ts';
import {
  answerFlaws,
  type Expected,
  expectedOf,
  lateFlaw,
  matchFlaws,
  responseOf,
  unexpectedFlaw,
} from './answer.ts';
import type { Conversation, Finding, Noted, Side, TrafficEvent, TrafficFrame } from './conversation.ts';
import { FrameStream } from './frame-stream.ts';
import { overCapFlaw, requestFlaws, tailFlaw } from './request.ts';
import { type Flaw, flaw, type RuleId, ruleOf } from './rules.ts';

/** SUBMITs that wait for their answers and are kept. From the next one on they are only counted: which an answer is for is unknown. */
const MOST_EXPECTED = 64;
/** Connections at a time that a receiver should serve (T3). */
const SERVED = 64;

/** What one side has done. */
interface SideState {
  readonly stream: FrameStream;
  ended?: 'fin' | 'reset';
  hasGap: boolean;
}

/** Judges a conversation event by event. What it keeps is bounded. */
export class ConversationJudge {
  readonly #sides: Readonly<Record<Side, SideState>> = {
    sender: { stream: new FrameStream('sender'), hasGap: false },
    receiver: { stream: new FrameStream('receiver'), hasGap: false },
  };
  readonly #broken = new Map<RuleId, number>();
  #noted: Noted[] = [];
  #connections: number;
  /** SUBMITs without an answer, the oldest first. */
  readonly #expected: Expected[] = [];
  #isOverfull = false;
  #submits = 0;
  #answers = 0;
  /** The first frame that is no SUBMIT. */
  #other: { readonly type: number; readonly isLegal: boolean } | undefined;
  /** The first answer that came before the frame that it answers was complete. */
  #early: { readonly frame: TrafficFrame; readonly isAcceptance: boolean } | undefined;

  /** `connections` as in a Conversation; a caller that follows it live sets it later. */
  constructor({ connections = 1 }: Pick<Conversation, 'connections'> = {}) {
    this.#connections = connections;
  }

  /** As `connections` in a Conversation. It never becomes less. */
  set connections(count: number) {
    this.#connections = Math.max(this.#connections, count);
  }

  /** How often each rule was broken. Only the first time is a finding. */
  get broken(): ReadonlyMap<RuleId, number> {
    return this.#broken;
  }

  /** Complete frames of a side so far. */
  frames(side: Side): number {
    return this.#sides[side].stream.count;
  }

  /** What the event shows: frames that it completes, and findings, each after the frame that shows it. */
  push(event: TrafficEvent): readonly Noted[] {
    const side = this.#sides[event.from];
    if (!side.hasGap && side.ended === undefined) {
      switch (event.kind) {
        case 'bytes':
          this.#bytes(event.from, event.bytes, event.atMs);
          break;
        case 'gap':
          side.hasGap = true;
          break;
        case 'fin':
        case 'reset':
          side.ended = event.kind;
          if (event.from === 'sender') this.#senderEnds(event.kind, event.atMs);
          else this.#receiverEnds(event.kind, event.atMs);
      }
    }
    return this.#take();
  }

  /** Ends a recording of a connection that is still open: an answer that is overdue is a finding. */
  close(atMs: number): readonly Noted[] {
    if (this.#sides.sender.ended === undefined) this.#waitsInVain(atMs);
    return this.#take();
  }

  #take(): readonly Noted[] {
    const noted = this.#noted;
    this.#noted = [];
    return noted;
  }

  #bytes(from: Side, bytes: Uint8Array, atMs: number): void {
    const { stream } = this.#sides[from];
    const { sender } = this.#sides;
    const wasOverCap = stream.isOverCap;
    const isFirst = stream.total === 0 && bytes.length > 0;
    if (from === 'receiver' && isFirst && sender.stream.total === 0 && !sender.hasGap)
      this.#find(flaw('receiver/silent-first', 'the receiver sent bytes before any came'), atMs);
    for (const frame of stream.push(bytes, atMs)) {
      if (from === 'sender' && frame.index > 1) this.#more(atMs);
      this.#noted.push({ kind: 'frame', frame });
      if (from === 'sender') this.#request(frame);
      else this.#answer(frame);
    }
    if (from === 'sender' && stream.count > 0 && stream.restBytes > 0) this.#more(atMs);
    if (stream.isOverCap && !wasOverCap) this.#overCap(from, atMs);
  }

  /** Something follows the first frame of the sender. */
  #more(atMs: number): void {
    if (!this.#broken.has('sender/one-frame'))
      this.#find(flaw('sender/one-frame', 'bytes follow the first frame'), atMs);
  }

  #overCap(from: Side, atMs: number): void {
    const tail = this.#sides[from].stream.tail();
    if (tail.kind !== 'over-cap') return;
    const { header, headerBytes } = tail;
    if (from === 'sender') this.#find(overCapFlaw(header, headerBytes), atMs);
    else if (!this.#broken.has('receiver/silent-first'))
      this.#find(
        flaw('receiver/answer', `the header of an answer declares ${counted(header.length, 'byte')}`),
        atMs,
      );
  }

  #request(frame: TrafficFrame): void {
    const flaws = requestFlaws(frame);
    for (const one of flaws) this.#find(one, frame.endedMs, frame);
    if (frame.type === SUBMIT) {
      this.#submits += 1;
      const expected = expectedOf(frame);
      const early = this.#early;
      this.#early = undefined;
      if (early) this.#judgeMatch(early.frame, expected);
      else if (this.#expected.length < MOST_EXPECTED) this.#expected.push(expected);
      else this.#isOverfull = true;
    } else {
      const isFault = flaws.some(({ rule }) => rule !== 'sender/legacy-type');
      this.#other ??= { type: frame.type, isLegal: !isFault };
      if (this.#early) this.#unexpected(this.#early.frame);
      this.#early = undefined;
    }
  }

  #answer(frame: TrafficFrame): void {
    const { sender } = this.#sides;
    const view = responseOf(frame);
    for (const one of answerFlaws(frame, view)) this.#find(one, frame.endedMs, frame);
    this.#answers += 1;
    if (sender.hasGap || sender.stream.total === 0) return;
    const expected = this.#isOverfull ? undefined : this.#expected.shift();
    if (expected !== undefined) {
      this.#judgeMatch(frame, expected);
      const late = lateFlaw(frame.endedMs - expected.endedMs, true);
      if (late) this.#find(late, frame.endedMs, frame);
    } else if (this.#answers > this.#submits) this.#withoutRequest(frame);
  }

  /** An answer for which there is no complete SUBMIT. */
  #withoutRequest(frame: TrafficFrame): void {
    const { stream, ended } = this.#sides.sender;
    const status = responseOf(frame).status;
    const isAcceptance = 'value' in status && status.value === 200;
    if (stream.isOverCap)
      this.#find(flaw('receiver/over-cap-unanswered', 'the receiver answered'), frame.endedMs, frame);
    else if (stream.restBytes === 0) this.#unexpected(frame);
    else if (ended === undefined && this.#early === undefined) this.#early = { frame, isAcceptance };
    else if (ended === 'fin') this.#cutAnswered(frame);
  }

  #cutAnswered(frame: TrafficFrame): void {
    const { restBytes } = this.#sides.sender.stream;
    const what = `the receiver answered after ${counted(restBytes, 'byte')} of a frame that never became complete`;
    this.#find(flaw('receiver/cut-unanswered', what), frame.endedMs, frame);
  }

  /** Only where it is certain which request the answer is for: each of them is a SUBMIT, and at most one waits. */
  #judgeMatch(frame: TrafficFrame, expected: Expected): void {
    if (this.#other !== undefined || this.#expected.length > 0) return;
    for (const one of matchFlaws(responseOf(frame), expected)) this.#find(one, frame.endedMs, frame);
  }

  /** A frame that owes no answer is the likelier cause than a SUBMIT next to it. */
  #unexpected(frame: TrafficFrame): void {
    const { type, isLegal } = this.#other ?? { type: SUBMIT, isLegal: true };
    this.#find(unexpectedFlaw(type, isLegal), frame.endedMs, frame);
  }

  #senderEnds(how: 'fin' | 'reset', atMs: number): void {
    const { sender, receiver } = this.#sides;
    const isOwnEnd = how === 'fin' && receiver.ended === undefined && receiver.stream.total === 0;
    const found = sender.stream.isOverCap
      ? undefined
      : tailFlaw(sender.stream.tail(), sender.stream.count, isOwnEnd);
    if (found) this.#find(found, atMs);
    if (this.#early?.isAcceptance) this.#cutAnswered(this.#early.frame);
    this.#early = undefined;
    this.#waitsInVain(atMs);
  }

  #waitsInVain(atMs: number): void {
    const waiting = this.#sides.receiver.ended === undefined ? this.#unanswered() : undefined;
    const late = waiting && lateFlaw(atMs - waiting.endedMs, false);
    if (late) this.#find(late, atMs);
  }

  #receiverEnds(how: 'fin' | 'reset', atMs: number): void {
    const { sender, receiver } = this.#sides;
    const tail = receiver.stream.tail();
    // A reset may cut an answer on its way (T5).
    if (tail.kind === 'incomplete' && how === 'fin')
      this.#find(
        flaw(
          'receiver/answer',
          `${counted(tail.bytes, 'byte')} came that ${tail.bytes === 1 ? 'forms' : 'form'} no frame`,
        ),
        atMs,
      );
    const waiting = this.#unanswered();
    if (waiting === undefined || tail.kind !== 'none' || sender.ended === 'reset') return;
    // A receiver that closes with unread bytes resets the connection, which may discard its answer.
    if (how === 'reset' && sender.stream.restBytes > 0) return;
    const tookMs = atMs - waiting.endedMs;
    const ended = how === 'fin' ? 'closed' : 'reset the connection';
    const what = `the receiver ${ended} after ${Math.round(tookMs)} ms, without an answer`;
    const rule =
      sender.ended === 'fin'
        ? 'receiver/half-close'
        : this.#connections > SERVED
          ? 'receiver/concurrent'
          : 'receiver/answer';
    this.#find(flaw(rule, what), atMs);
  }

  /** The legal SUBMIT that waits for its answer. Only the first frame counts: a receiver may serve one (T2). */
  #unanswered(): Expected | undefined {
    const { receiver, sender } = this.#sides;
    const [first] = this.#expected;
    const isFirst = this.#answers === 0 && this.#other === undefined && !receiver.hasGap && !sender.hasGap;
    return isFirst && first?.isOrdinary ? first : undefined;
  }

  #find({ rule, seen }: Flaw, atMs: number, frame?: TrafficFrame): void {
    const times = this.#broken.get(rule) ?? 0;
    this.#broken.set(rule, times + 1);
    if (times > 0) return;
    const { id, side, clause, level, requirement } = ruleOf(rule);
    const finding: Finding = {
      ...{ rule: id, side, clause, level, requirement, seen: printable(seen, 300), atMs },
      ...(frame && { frame: frame.index }),
    };
    this.#noted.push({ kind: 'finding', finding });
  }
}

/** The frames of a conversation, of both sides in the order in which they were complete, and what is wrong with it. */
export function judgeConversation({ events, connections }: Conversation): {
  readonly frames: readonly TrafficFrame[];
  readonly findings: readonly Finding[];
} {
  const judge = new ConversationJudge(connections === undefined ? {} : { connections });
  const noted = [...events].flatMap((event) => judge.push(event));
  return {
    frames: noted.flatMap((one) => (one.kind === 'frame' ? [one.frame] : [])),
    findings: noted.flatMap((one) => (one.kind === 'finding' ? [one.finding] : [])),
  };
}
