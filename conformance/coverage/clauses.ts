/** The clauses of the protocol: docs/protocol.md → clauses, with their text for a terminal. */

import { readFileSync } from 'node:fs';
import { packageFile } from '../util/package-file.ts';

export interface Clause {
  /** A letter and a number, such as F2. Permanent. */
  readonly name: string;
  readonly title: string;
  /** In Markdown, without the heading and the title. */
  readonly text: string;
}

/** Of the protocol document that this package contains. Throws the error of the file system if it cannot be read. */
export function clauses(): readonly Clause[] {
  return clausesIn(readFileSync(packageFile('docs/protocol.md'), 'utf8'));
}

/** The clauses in the order of the document. Each is a heading, followed by the title in bold. */
export function clausesIn(protocol: string): readonly Clause[] {
  return protocol.split(/^(?=##)/m).flatMap((section) => {
    const [, name, title, text] = /^### ([A-Z]\d+)\n\n\*\*(.+?)\.\*\*\s*(.*)$/s.exec(section) ?? [];
    return name === undefined || title === undefined || text === undefined
      ? []
      : [{ name, title, text: text.trimEnd() }];
  });
}

/** The text of the clause as lines without line ends: links and emphasis become plain text, paragraphs stay. */
export function clauseLines({ text }: Clause): readonly string[] {
  return text
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/\*\*(.+?)\*\*/gs, '$1')
    .replace(/(?<![\w`])_(?! )([^_`]+?)_(?![\w`])/g, '$1')
    .split('\n');
}
