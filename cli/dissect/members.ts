/**
 * Where the members of a JSON object lie. The grammar is the reference's, so what is malformed here is malformed there;
 * it runs over the bytes as they came, since broken UTF-8 is no matter of the grammar and offsets have to be true.
 */

import { CLOSE_BRACE, COLON, COMMA, JsonScanner, OPEN_BRACE } from '../../reference/codec/json-scan.ts';
import { parseString } from '../../reference/codec/json-text.ts';
import { ProtocolError } from '../../reference/index.ts';

/** Offsets are within the payload; `end` is the one behind the value. */
export interface Member {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** How a payload goes on behind its last member. */
export type PayloadEnd =
  | { readonly kind: 'object' }
  /** A JSON value that is no object. */
  | { readonly kind: 'other'; readonly start: number; readonly end: number }
  | { readonly kind: 'malformed'; readonly at: number; readonly error: ProtocolError };

/** Yields the members of the top-level object, also of a payload that turns out to be malformed behind them. */
export function* members(payload: Uint8Array): Generator<Member, PayloadEnd> {
  const scanner = new JsonScanner(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
  try {
    if (scanner.peek() !== OPEN_BRACE) {
      const start = scanner.position;
      scanner.skipValue(0);
      const end = scanner.position;
      scanner.expectEnd();
      return { kind: 'other', start, end };
    }
    scanner.expect(OPEN_BRACE);
    if (!scanner.take(CLOSE_BRACE)) {
      do {
        const name = parseString(scanner.takeString());
        scanner.expect(COLON);
        scanner.peek();
        const start = scanner.position;
        scanner.skipValue(1);
        yield { name, start, end: scanner.position };
      } while (scanner.take(COMMA));
      scanner.expect(CLOSE_BRACE);
    }
    scanner.expectEnd();
    return { kind: 'object' };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { kind: 'malformed', at: scanner.position, error };
  }
}
