/**
 * Clients as authors of other languages write them, with one fault or one freedom planted in each: texts of the program are
 * replaced. The program without it conforms.
 */

/** A program of this folder, and what is replaced in it. */
export interface Planted {
  /** What the client does: the rest of a sentence. */
  readonly what: string;
  /** The file name of the program. */
  readonly program: 'sockets.py' | 'coroutines.py' | 'events.mjs';
  /** Texts that occur once, and what they are replaced by. */
  readonly edits: readonly (readonly [from: string, to: string])[];
}

/** A client with a fault. */
export interface PlantedFault extends Planted {
  /** The only cause that the report names. */
  readonly cause: string;
  /** Globs of scenarios that the fault changes. Default: it is judged only by the whole catalogue. */
  readonly shows?: readonly string[];
}

/** A client that uses a freedom of the protocol. */
export interface PlantedFreedom extends Planted {
  /** Globs of scenarios that the freedom could change. */
  readonly shows: readonly string[];
}
