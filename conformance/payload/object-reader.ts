/** Reads a payload as one JSON object in UTF-8, piece by piece. What is kept of it is bounded. */

import { isAscii } from 'node:buffer';
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
  /** Of text that is not ASCII. Most payloads need none, and it is expensive. */
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  readonly #json: JsonReader;
  #isText = true;
  /** Whether the bytes so far may end within a character. */
  #isWithinCharacter = false;

  constructor(limits: JsonLimits) {
    this.#json = new JsonReader(limits);
  }

  push(bytes: Uint8Array): void {
    const last = bytes.at(-1);
    if (!this.#isText || last === undefined) return;
    // The decoder takes most of the time that the reading of a large payload needs.
    if (this.#isWithinCharacter || !isAscii(bytes)) {
      this.#isWithinCharacter = last >= 0x80;
      const decoder = this.#decoder ?? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      this.#decoder = decoder;
      this.#decode(() => decoder.decode(bytes, { stream: true }));
    } else if (!this.#json.skip(bytes))
      this.#json.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
  }

  end(): ObjectReading {
    const decoder = this.#decoder;
    if (decoder !== undefined) this.#decode(() => decoder.decode());
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
