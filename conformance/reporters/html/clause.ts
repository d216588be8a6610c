/** The text of clauses on the HTML page. It comes from the protocol document of this package, not from a target. */

import { type Clause, clauses } from '../../coverage/clauses.ts';
import { escapeMarkup, markup, plain } from '../common/escape.ts';
import { clauseUrl } from '../common/explanation.ts';

/** The clauses of the protocol by name. */
export type ClauseTexts = ReadonlyMap<string, Clause>;

/** The clauses of the protocol document of this package. Empty if it is missing, and the page then only links them. */
export function clauseTexts(): ClauseTexts {
  try {
    return new Map(clauses().map((clause) => [clause.name, clause]));
  } catch {
    return new Map();
  }
}

/** The id of the clause's element on the page. */
function anchorOf(clause: string): string {
  return `clause-${clause}`;
}

/** A link to the text at the end of the page, in place of which the script shows the text; or to the document on the web. */
export function clauseLink(clause: string, texts: ClauseTexts): string {
  const [href, kind] = texts.has(clause)
    ? [`#${encodeURIComponent(plain(anchorOf(clause)))}`, ' class="to-clause"']
    : [clauseUrl(clause), ''];
  return `<p${kind}><a href="${href}">Clause ${markup(clause)}</a></p>\n`;
}

/** The text of the clause in place, or a link if it is unknown. */
export function clauseQuote(clause: string, texts: ClauseTexts): string {
  const found = texts.get(clause);
  return found === undefined ? clauseLink(clause, texts) : quote(found);
}

/** The texts of these clauses, for the end of the page. */
export function clausesHtml(names: Iterable<string>, texts: ClauseTexts): string {
  const known = [...texts.values()].filter(({ name }) => new Set(names).has(name));
  if (known.length === 0) return '';
  const items = known.map((clause) => `<div id="${anchorOf(clause.name)}">${quote(clause)}</div>\n`);
  return `<section class="clauses">\n<h2>Clauses of the protocol</h2>\n${items.join('')}</section>\n`;
}

function quote({ name, title, text }: Clause): string {
  return `<blockquote><p><b><a href="${clauseUrl(name)}">${name}</a> · ${inline(title)}</b></p>\n${blocks(text)}</blockquote>\n`;
}

/** The Markdown that clauses use: paragraphs, lists and tables. A table stays as it is written. */
function blocks(text: string): string {
  return text
    .split(/\n\n+/)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      if (block.startsWith('|')) return `<pre tabindex="0">${escapeMarkup(unlinked(block))}</pre>\n`;
      if (!/^- /.test(block)) return `<p>${inline(block)}</p>\n`;
      const items = block.split(/\n(?=- )/).map((item) => `<li>${inline(item.slice(2))}</li>\n`);
      return `<ul>\n${items.join('')}</ul>\n`;
    })
    .join('');
}

function inline(text: string): string {
  return escapeMarkup(unlinked(text))
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*(.+?)\*\*/gs, '<b>$1</b>')
    .replace(/(?<![\w`>/])_(?! )([^_`<>]+?)_(?![\w`])/g, '<em>$1</em>');
}

function unlinked(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
}
