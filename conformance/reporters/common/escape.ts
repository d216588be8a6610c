/** Escapes what a target sent for each format, so that it has no effect where it is shown. */

import { jsonEscape, printable, UNSAFE } from '../../util/printable.ts';

/** UTF-16 units that are shown of a text. An answer may have 16 MiB. */
const LIMIT = 1000;

/** Escaped for one line of plain text. */
export function plain(text: string): string {
  return printable(text, LIMIT);
}

/** The first 100 lines of the text, each escaped. */
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

/** Text that the kit itself writes, escaped for XML and HTML: element content or a quoted attribute. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Text of a target, escaped for XML and HTML. `plain` escapes the characters that XML cannot hold even as an entity. */
export function markup(text: string): string {
  return escapeMarkup(plain(text));
}

/**
 * Escaped for Markdown text, also in a table or in HTML: it forms no markup, link, mention or issue number. GitHub
 * searches for mentions in the rendered text, so a comment separates the sign from the name.
 */
export function markdown(text: string): string {
  return entities(text).replace(/&#(?:64|35);/g, '$&<!-- -->');
}

/** Escaped for Markdown as inline code, in which GitHub does not search for mentions. */
export function markdownCode(text: string): string {
  return `<code>${entities(text)}</code>`;
}

/** Preformatted lines, escaped for Markdown. */
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
 * The value as JSON that is safe to print. Characters that `printable` escapes occur only inside strings, and are
 * written as JSON escapes there. So is every second hash sign, because `##[` begins a command in some CI logs.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replace(UNSAFE, (character) => (character === '\n' ? character : jsonEscape(character)))
    .replaceAll('##', '#\\u0023');
}

/** Escaped for the message of a GitHub workflow command. */
export function commandData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Escaped for a property of a GitHub workflow command. */
export function commandProperty(text: string): string {
  return commandData(plain(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
