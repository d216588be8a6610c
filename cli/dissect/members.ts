/**
 * Finds the members of a JSON object. The scanner of the reference decides what is malformed, so that both agree. It reads
 * the bytes, not decoded text: invalid UTF-8 is not a fault of the grammar, and the offsets count bytes.
 */

import { CLOSE_BRACE, COLON, COMMA, JsonScanner, OPEN_BRACE } from '../../reference/codec/json-scan.ts';
import { parseString } from '../../reference/codec/json-text.ts';
import { ProtocolError } from '../../reference/index.ts';

/** Offsets in the payload, in bytes: the value begins at `start`, inclusive, and ends at `end`, exclusive. */
export interface Member {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** How a payload ends after its last member. */
export type PayloadEnd =
  | { readonly kind: 'object' }
  /** A JSON value that is not an object. */
  | { readonly kind: 'other'; readonly start: number; readonly end: number }
  | { readonly kind: 'malformed'; readonly at: number; readonly error: ProtocolError };

/** Yields the members of the top-level object, also those before the point where a payload is malformed. */
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
