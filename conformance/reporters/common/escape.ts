/** What a target sent, made harmless for each kind of text that it is shown in. */

import { printable } from '../../util/printable.ts';

/** Most units of one text that are shown: an answer may be a frame of 16 MiB. */
const LIMIT = 1000;

/** For a line of plain text. */
export function plain(text: string): string {
  return printable(text, LIMIT);
}

/** Text of several lines, each made harmless. */
export function plainLines(text: string): string[] {
  return text.split('\n').slice(0, 100).map(plain);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of the kit's own for XML and HTML: element content or a quoted attribute. Of any length. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Text of a target for XML and HTML. `plain` escapes the characters that XML cannot hold even as an entity. */
export function markup(text: string): string {
  return escapeMarkup(plain(text));
}

/**
 * For Markdown text, in a table and in HTML too: no markup, link, mention or issue number comes of it. GitHub looks for
 * mentions in what it has rendered, so there the comment keeps the sign and the name apart.
 */
export function markdown(text: string): string {
  return entities(text).replace(/&#(?:64|35);/g, '$&<!-- -->');
}

/** The same as code, where nobody looks for mentions. */
export function markdownCode(text: string): string {
  return `<code>${entities(text)}</code>`;
}

/** Lines as they are, for Markdown. */
export function markdownBlock(lines: readonly string[]): string {
  return `<pre>\n${lines.map(entities).join('\n')}\n</pre>`;
}

function entities(text: string): string {
  return plain(text).replace(
    /[\\`*_{}[\]()<>#+!|~@&:$^="'/]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/**
 * As JSON that means the same and shows nothing harmful where a file of it is printed: in strings, the only place where
 * they can stand, the characters that `printable` escapes are escaped, and every second of two hash signs.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' ? character : unitsOf(character),
    )
    .replaceAll('##', '#\\u0023');
}

function unitsOf(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

/** For the message of a GitHub workflow command. */
export function commandData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** For a property of a GitHub workflow command. */
export function commandProperty(text: string): string {
  return commandData(plain(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
