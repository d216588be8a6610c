/** Parts of a stream of bytes that a report marks: what differs from an ordinary input, what is at fault in an answer. */

/** Bytes of each direction that a record keeps, from the beginning. */
export const KEPT_BYTES = 2048;

/** A part of all bytes of one direction. Without bytes, it is a place where something is missing. */
export interface Span {
  readonly offset: number;
  readonly bytes: number;
}

/** A span of the bytes sent. */
export interface SentSpan extends Span {
  /** The bytes around it, in hex, if the record does not keep them otherwise. Task ids in them are examples. */
  readonly around?: { readonly offset: number; readonly hex: string };
}

/** The marked parts of a connection. */
export interface Marks {
  /** What differs from the bytes of the control, or of an ordinary message. */
  readonly sent?: SentSpan;
  /** The part of the answer that is at fault. */
  readonly received?: Span;
}
