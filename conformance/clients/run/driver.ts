/** What starts a client, whatever the client is: a command, a function of this process, or a person. */

import type { ClientEnd } from '../judge/observation.ts';
import type { Play } from '../scenario/client-scenario.ts';
import type { Deadline } from './deadline.ts';

/** One start of a client. */
export interface ClientCall {
  readonly host: string;
  readonly port: number;
  readonly play: Play;
  /** The message as JSON: the content of the file at CONFORM_MESSAGE. */
  readonly message: string;
  /** CONFORM_TIMEOUT_MS. */
  readonly timeoutMs: number;
  /** The client is ended when it passes. */
  readonly deadline: Pick<Deadline, 'signal' | 'afterMs'>;
  readonly signal: AbortSignal;
}

/** How a start ended: as an end that is judged, or in words what breaks the interface. */
export type DriverEnd = (
  | { readonly end: ClientEnd }
  /** Nothing that the client did counts. */
  | { readonly breach: string }
) & {
  /** Processes that the client left; they have been ended. Default: none. */
  readonly left?: readonly string[];
};

/** Starts a client once. Resolves when it has ended. Rejects with the reason of the signal. */
export type ClientDriver = (call: ClientCall) => Promise<DriverEnd>;
