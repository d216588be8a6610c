/** The records as JSON Lines, or as one JSON document with the summary. */

import { jsonText } from '../common/escape.ts';
import { type Renderer, whole } from '../common/renderer.ts';

export function jsonLines(): Renderer {
  return { take: (record) => `${jsonText(record)}\n`, end: () => '' };
}

export function json(): Renderer {
  return whole((reports) => {
    const documents = reports.map(({ summary, plan, groups, scenarios, end }) => {
      const causes = groups.map(({ cause, word, root, others, dependents }) => ({
        ...{ cause, verdict: word, root: root.id },
        others: others.map(({ id }) => id),
        inconclusive: dependents.map(({ id }) => id),
      }));
      return { summary, plan, causes, scenarios, end };
    });
    return `${jsonText(documents.length === 1 ? documents[0] : documents, 2)}\n`;
  });
}
