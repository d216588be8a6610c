/**
 * One connection between a sender and a receiver, as somebody between them saw it. The events come from a proxy, a capture
 * or a saved transcript; the judge does not know which.
 */

import type { ObjectReading } from '../payload/object-reader.ts';
import type { Level } from '../scenario/requirement.ts';

/** The side that opened the connection and sends requests, and the side that took it and answers (T1). */
export type Side = 'sender' | 'receiver';

/** Both sides. */
export const SIDES: readonly Side[] = ['sender', 'receiver'];

/**
 * What one side did. `atMs`: milliseconds on any clock, the same one for all events of a conversation, never less than in the
 * event before.
 */
export type TrafficEvent = { readonly from: Side; readonly atMs: number } & (
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The side ended its sending direction. */
  | { readonly kind: 'fin' }
  /** The side reset the connection. */
  | { readonly kind: 'reset' }
  /** From here on, bytes of the side are missing. What it sends is no longer read, nor is its silence judged. */
  | { readonly kind: 'gap' }
);

/** The events of one connection, in the order in which they were seen. A connection without an end was still open. */
export interface Conversation {
  readonly events: Iterable<TrafficEvent>;
  /**
   * The most connections to the receiver that were open at a time during this one, itself included. Beyond 64, a receiver may
   * close one unanswered (T3). Default 1.
   */
  readonly connections?: number;
}

/** Most bytes of a payload that are kept. A legal SUBMIT is rarely larger: its description has 16 KiB, escaped 96 KiB. */
export const KEPT_PAYLOAD_BYTES = 128 * 1024;

/** A complete frame. */
export interface TrafficFrame {
  readonly from: Side;
  /** Counts from 1 on each side. */
  readonly index: number;
  /** Of its header in the stream of its side, in bytes from 0. */
  readonly offset: number;
  readonly type: number;
  /** Bytes of the payload. */
  readonly length: number;
  /** The first bytes of the payload, at most `KEPT_PAYLOAD_BYTES`. */
  readonly payload: Uint8Array;
  /** The fields of the payload; long strings are cut. Absent for a type that is unknown (F6). */
  readonly object?: ObjectReading;
  /** When its first and its last byte came. */
  readonly beganMs: number;
  readonly endedMs: number;
}

/** What a side did against the protocol, or against what it should do. */
export interface Finding {
  /** The id of the rule, which is permanent. */
  readonly rule: string;
  readonly side: Side;
  /** Clause of docs/protocol.md, such as 'S3'. */
  readonly clause: string;
  readonly level: Level;
  /** The sentence that was broken. */
  readonly requirement: string;
  /** What was seen instead, in one line. Text of the sides is escaped. */
  readonly seen: string;
  /** The index of the frame of `side` that shows it. Absent if none does. */
  readonly frame?: number;
  readonly atMs: number;
}

/** What the judge has to say of an event. */
export type Noted =
  | { readonly kind: 'frame'; readonly frame: TrafficFrame }
  | { readonly kind: 'finding'; readonly finding: Finding };
