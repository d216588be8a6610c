/**
 * A scenario for a client, as data: what the client is asked to send, how the kit's server behaves, and what the client must
 * have sent and reported. It flows catalogue → runner → client and server → observation → judge → records.
 */

import type { Bytes } from '../../scenario/bytes.ts';
import type { Requirement } from '../../scenario/requirement.ts';

/** What a client can be asked to do, as in CONFORM_ACTION. */
export const ACTIONS = ['submit', 'update', 'results'] as const;

/** One of them. */
export type Action = (typeof ACTIONS)[number];

/** What a client can report, as `outcome` of its line. */
export const OUTCOMES = ['accepted', 'rejected', 'sent', 'refused', 'error'] as const;

/**
 * accepted: the answer is 200 and has the id that was sent. rejected: 400 and that id. sent: the update or the results left
 * whole. refused: the client itself declined, and sent nothing. error: all else.
 */
export type Outcome = (typeof OUTCOMES)[number];

/**
 * The fields of the message, by their names on the wire, in the order of the document. Bytes are the text of a string; of
 * `file_data` they are the data itself. A missing field has its zero value. A submit has no `task_id`: the client makes one.
 */
export type MessageFields = Readonly<Record<string, string | number | bigint | Bytes>>;

/** A frame of the server. A slot in the payload is the task id that the client sent. */
export interface Reply {
  readonly payload: Bytes;
  /** Spaces follow the payload until it has this number of bytes, whatever the id is. Default: none. */
  readonly paddedTo?: number;
  /** Default 1. */
  readonly type?: number;
  /** The length in the header. Default: that of the payload. */
  readonly declared?: number | { readonly more: number };
  /** Bytes that follow the frame in the same write. Default: none. */
  readonly after?: Bytes;
}

/** One action of the kit's server on a connection. The server reads all the time, unless a step says otherwise. */
export type ServerStep =
  /** Waits until a complete frame of the type (default: of any) has come, or the client has ended the connection. */
  | { readonly do: 'await-frame'; readonly type?: number }
  /** Waits until a byte has come, or the client has ended the connection. */
  | { readonly do: 'await-byte' }
  /**
   * Sends the bytes of the reply from offset `from` (default 0) up to, not including, `to` (default: all). With
   * `segmentBytes`, in segments of that size, the first ones each `everyMs` milliseconds (default 0) after the one before.
   */
  | {
      readonly do: 'send';
      readonly reply: Reply;
      readonly from?: number;
      readonly to?: number;
      readonly segmentBytes?: number;
      readonly everyMs?: number;
    }
  /**
   * Sends the bytes again and again, each time after `everyMs` milliseconds (default 0), until the client has closed the
   * connection, or has taken 64 MiB.
   */
  | { readonly do: 'repeat'; readonly bytes: Bytes; readonly everyMs?: number }
  | { readonly do: 'pause'; readonly ms: number }
  /** Shuts down the sending side. */
  | { readonly do: 'fin' }
  /** Resets the connection. */
  | { readonly do: 'reset' }
  /** Reads no more. The system's buffers then fill up. */
  | { readonly do: 'stop-reading' }
  /** Reads a part of what comes, at most 64 KiB, each `everyMs` milliseconds. */
  | { readonly do: 'read-slowly'; readonly everyMs: number };

/** How the kit's server treats each connection. After the steps it waits until the client ends its side. */
export interface Behaviour {
  /** Permanent, in kebab case: `conform serve --behaviour NAME`. */
  readonly name: string;
  /** One sentence whose subject is the server. */
  readonly describe: string;
  readonly steps: readonly ServerStep[];
  /**
   * True if the server then holds the connection until the client has closed it: that the client ends its side may be a
   * half-close (T4). Default false: the server ends its own side.
   */
  readonly holds?: true;
  /** True if no server listens at all. Default false. */
  readonly isAbsent?: true;
}

/** One start of the client. Scenarios with the same play are judged by the same start. */
export interface Play {
  readonly action: Action;
  readonly message: MessageFields;
  readonly server: Behaviour;
  /** CONFORM_TIMEOUT_MS. Default 3000. */
  readonly timeoutMs?: number;
  /** How often the client is started, side by side. Default 1. */
  readonly starts?: number;
  /** The same with --slow. Default: `starts`. */
  readonly slowStarts?: number;
}

/** A condition on what the client sent. */
export type Sent =
  /** At least one byte. */
  | { readonly kind: 'any-byte' }
  /** A complete frame of this type: its length is the number of bytes that follow the header. */
  | { readonly kind: 'frame'; readonly type?: number }
  /** The payload is one JSON object in UTF-8. */
  | { readonly kind: 'object' }
  /**
   * These fields of the message have exactly the values that the client was given. A missing field has its zero value. Of a
   * time, the instant counts, in any form of RFC 3339.
   */
  | { readonly kind: 'fields'; readonly names: readonly string[] }
  /** The `task_id` has the documented form (S10). */
  | { readonly kind: 'id-form' }
  /** The ids of all starts differ. */
  | { readonly kind: 'ids-differ' }
  /** One frame on each connection, and nothing after it. */
  | { readonly kind: 'one-frame' }
  /** No byte. */
  | { readonly kind: 'nothing' };

/** What the client may report. */
export interface Reported {
  readonly outcomes: readonly Outcome[];
  /** The text of the answer, which an accepted or rejected outcome repeats verbatim. Default: not judged. */
  readonly message?: string;
  /** True if the line repeats the `task_id` that was sent. Default: not judged. */
  readonly repeatsId?: true;
}

/** One requirement and how a client is judged by it. */
export interface ClientScenario extends Requirement {
  readonly play: Play;
  /** All of them must hold. Default: none. */
  readonly sent?: readonly Sent[];
  /** Default: the line is not judged. The client must end in time all the same. */
  readonly reported?: Reported;
  /** True if the client may not read what the server sends without end. Default: not judged. */
  readonly endsReading?: true;
  /**
   * What a client does that fails, however the failure shows, in one sentence that begins with "the client". One defect fails
   * all scenarios with the same text. Default: the way in which it fails, with `about`.
   */
  readonly fault?: string;
  /** What the client treats wrongly; one defect fails all scenarios with the same text in the same way. Default: the clause. */
  readonly about?: string;
  /** The likely defect in a client that fails, in one sentence. Default: none is known. */
  readonly likely?: string;
}
