/** Reads a payload as one JSON object in UTF-8, piece by piece. What is kept of it is bounded. */

import { type Json, type JsonLimits, type JsonProblem, JsonReader } from './json.ts';

/** Why no field of a payload can be read. */
export type PayloadProblem =
  | { readonly code: 'not-utf8' }
  | { readonly code: 'not-json'; readonly json: JsonProblem }
  | { readonly code: 'not-an-object'; readonly is: Json['type'] };

/** The members of the object that are kept, or why the payload is none. */
export type ObjectReading =
  | { readonly members: ReadonlyMap<string, Json> }
  | { readonly problem: PayloadProblem };

/** Reads a payload that comes in pieces. */
export class ObjectReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #json: JsonReader;
  #isText = true;

  constructor(limits: JsonLimits) {
    this.#json = new JsonReader(limits);
  }

  push(bytes: Uint8Array): void {
    this.#decode(() => this.#decoder.decode(bytes, { stream: true }));
  }

  end(): ObjectReading {
    this.#decode(() => this.#decoder.decode());
    if (!this.#isText) return { problem: { code: 'not-utf8' } };
    const reading = this.#json.end();
    if ('problem' in reading) return { problem: { code: 'not-json', json: reading.problem } };
    const { value } = reading;
    return value.type === 'object' ? value : { problem: { code: 'not-an-object', is: value.type } };
  }

  #decode(next: () => string): void {
    if (!this.#isText) return;
    try {
      this.#json.push(next());
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#isText = false;
    }
  }
}
