/** What a receiver may make of text that is no valid UTF-8, or that has lone surrogates (M8). */

import { type Bytes, render } from './bytes.ts';

/** M8 names U+FFFD. Some encoders, such as that of Java, write the other one for a lone surrogate. */
const REPLACEMENTS = ['\ufffd', '?'];

/**
 * The texts as which the inside of a JSON string may be read. Decoders differ in how many characters they write for a run of
 * invalid bytes or surrogates: at least one, at most one for each. Lone surrogates that are kept compare as U+FFFD. Several
 * runs give each combination, so there should be few.
 */
export function readingsOf(bytes: Bytes): readonly string[] {
  // Each invalid byte, and each lone surrogate, is a lone surrogate in this text.
  const held: string = JSON.parse(
    `"${Buffer.from(render(bytes, String))
      .toString('latin1')
      .replaceAll(/[\x80-\xff]/g, '\\ud800')}"`,
  );
  const pieces = held.split(/(\p{Cs}+)/u);
  const readings = REPLACEMENTS.flatMap((replacement) =>
    pieces.reduce<readonly string[]>(
      (readings, part, index) => {
        const parts =
          index % 2 === 0 ? [part] : Array.from({ length: part.length }, (_, n) => replacement.repeat(n + 1));
        return readings.flatMap((reading) => parts.map((next) => reading + next));
      },
      [''],
    ),
  );
  return [...new Set(readings)];
}
