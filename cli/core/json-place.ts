/** Where in a JSON text something stands, for messages about a file that a person wrote. Lines and columns begin at 1. */

import { CLOSE_BRACE, COLON, COMMA, JsonScanner, OPEN_BRACE } from '../../reference/codec/json-scan.ts';
import { ProtocolError } from '../../reference/protocol/errors.ts';

const NEW_LINE = 0x0a;

export interface Place {
  readonly line: number;
  /** In bytes of UTF-8. */
  readonly column: number;
}

/** Where the text breaks the grammar of JSON; undefined if it does not. */
export function brokenPlace(text: string): Place | undefined {
  const bytes = Buffer.from(text);
  const scanner = new JsonScanner(bytes);
  try {
    scanner.skipValue(0);
    scanner.expectEnd();
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return placeAt(bytes, scanner.position);
  }
}

/** Where the last member with these names, from the outermost object inwards, begins; undefined if there is none. */
export function memberPlace(text: string, names: readonly string[]): Place | undefined {
  const bytes = Buffer.from(text);
  try {
    const offset = memberOffset(new JsonScanner(bytes), names, 0);
    return offset === undefined ? undefined : placeAt(bytes, offset);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
}

/** Takes the value at the cursor, if it is an object; nothing otherwise. */
function memberOffset(
  scanner: JsonScanner,
  [wanted, ...inner]: readonly string[],
  depth: number,
): number | undefined {
  if (scanner.peek() !== OPEN_BRACE) {
    scanner.skipValue(depth);
    return undefined;
  }
  scanner.expect(OPEN_BRACE);
  let found: number | undefined;
  while (!scanner.take(CLOSE_BRACE)) {
    scanner.take(COMMA);
    scanner.peek();
    const offset = scanner.position;
    const name: unknown = JSON.parse(scanner.takeString());
    scanner.expect(COLON);
    if (name !== wanted) scanner.skipValue(depth + 1);
    else if (inner.length > 0) found = memberOffset(scanner, inner, depth + 1);
    else {
      found = offset;
      scanner.skipValue(depth + 1);
    }
  }
  return found;
}

function placeAt(bytes: Buffer, offset: number): Place {
  const before = bytes.subarray(0, offset);
  const start = before.lastIndexOf(NEW_LINE) + 1;
  return { line: before.filter((byte) => byte === NEW_LINE).length + 1, column: offset - start + 1 };
}
