/** The evidence of a record on the HTML page: what was expected and observed, what the target said, and the bytes. */

import type { PlanRecord, ScenarioRecord, WireRecord } from '../../report/record.ts';
import { counted } from '../../util/counted.ts';
import { escapeMarkup, markup } from '../common/escape.ts';
import { explainingFacts, type NamedFact, peerOf, replayLine, wireLog } from '../common/explanation.ts';
import { type Bytes, hexDump } from './hex-dump.ts';

/** The facts of a record by name, and its last words if the target ended. */
export function factsHtml(record: ScenarioRecord, plan: PlanRecord): string {
  const facts = explainingFacts(record, plan);
  const named = facts.filter(({ name }) => name !== '' && name !== 'said');
  const unnamed = facts.filter(({ name }) => name === '').flatMap(({ lines }) => lines);
  const said = facts.find(({ name }) => name === 'said');
  return [
    ...unnamed.map((line) => `<p>${escapeMarkup(line)}</p>\n`),
    ...(named.length === 0
      ? []
      : [`<dl>\n${[...named.map(factHtml), ...markedParts(record)].join('')}</dl>\n`]),
    ...(said === undefined ? [] : [block('The target said', said.lines.map(escapeMarkup))]),
  ].join('');
}

function factHtml({ name, lines }: NamedFact): string {
  return `<div><dt>${name}</dt><dd>${lines.map(escapeMarkup).join('<br>')}</dd></div>\n`;
}

/** Columns of a line of the wire log before its meaning: margin, offset, hex. */
const MEANING_AT = 49;

/** The parts of the bytes that the record marks, as facts: long lines of the log are cut at the edge of a narrow page. */
function markedParts(record: ScenarioRecord): readonly string[] {
  if (record.marks === undefined) return [];
  let direction = 'sent';
  return wireLog(record).flatMap((line) => {
    const [, side] = /^ *((?:client )?[→←] [a-z ]+) in total: /.exec(line) ?? [];
    if (side !== undefined) direction = side.replaceAll(/[→←] /g, '');
    const meaning = line.slice(MEANING_AT).replace(/^(?:differs|fault|payload|type|length) +/, '');
    return line.includes('⟦')
      ? [`<div><dt>${direction}</dt><dd><code>${withMark(escapeMarkup(meaning))}</code></dd></div>\n`]
      : [];
  });
}

function withMark(text: string): string {
  return text.replace(/⟦.*⟧/, '<mark>$&</mark>');
}

/** The events of the connection, and the bytes field by field, with the part that matters marked. */
export function wireHtml(record: ScenarioRecord): string {
  if (record.transcript.length === 0) return '';
  const lines = wireLog(record).map((line) => {
    const text = escapeMarkup(line);
    return record.marks === undefined ? text : withMark(text);
  });
  return block('On the wire', lines);
}

/** The bytes of both directions. */
export function dumpsHtml(record: ScenarioRecord): string {
  return peerOf(record) === 'client'
    ? [dump('The client sent', record, 'received'), dump('The kit sent', record, 'sent')].join('')
    : [dump('Sent', record, 'sent'), dump('Received', record, 'received')].join('');
}

/** The command that replays the record. The script adds a button that copies it. */
export function againHtml(plan: PlanRecord, record: ScenarioRecord): string {
  // A browser would break a line after the hyphens of an option.
  const words = replayLine(plan, record)
    .split(' ')
    .map((word) =>
      /^--?[a-z-]{1,20}$/.test(word) ? `<span class="whole">${word}</span>` : escapeMarkup(word),
    );
  return `<p class="again">Run again: <code>${words.join(' ')}</code></p>\n`;
}

function dump(title: string, { transcript, marks }: ScenarioRecord, kind: 'sent' | 'received'): string {
  const entries = transcript.filter(
    (entry): entry is Extract<WireRecord, { readonly kind: 'sent' | 'received' }> => entry.kind === kind,
  );
  const total = entries.reduce((sum, entry) => sum + entry.total, 0);
  if (total === 0) return '';
  // Only the beginning of a long entry is kept. The offsets of later ones are therefore unknown.
  const cut = entries.findIndex(({ hex, total }) => hex.length < 2 * total);
  const known = (cut < 0 ? entries : entries.slice(0, cut + 1)).map(({ hex }) => hex).join('');
  const around = kind === 'sent' ? marks?.sent?.around : undefined;
  const kept: Bytes[] = [
    { offset: 0, bytes: Buffer.from(known, 'hex') },
    ...(around === undefined ? [] : [{ offset: around.offset, bytes: Buffer.from(around.hex, 'hex') }]),
  ];
  return block(`${title}, ${counted(total, 'byte')}`, hexDump(kept, total, marks?.[kind]));
}

/** Wide lines scroll. The block can take the focus, so that the keyboard can scroll it. `lines` are markup. */
export function block(title: string, lines: readonly string[]): string {
  const name = markup(title);
  return `<figure><figcaption>${name}</figcaption><pre tabindex="0">${lines.join('\n')}</pre></figure>\n`;
}
