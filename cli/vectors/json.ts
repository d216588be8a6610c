/** The vector files themselves, in folders like those of fixtures/. */

import { readFixture, vectorFile } from '../../conformance/vectors/load.ts';
import type { Selected } from './select.ts';

/** A file to write. Its content is computed when it is written, because all files together are large. */
export interface ExportedFile {
  /** Relative to the directory, with slashes. */
  readonly path: string;
  readonly content: () => string | Uint8Array;
}

/** Each file with only the selected vectors, the schemas of these files, and the selected golden frames. */
export function jsonFiles(selected: readonly Selected[]): readonly ExportedFile[] {
  const copy = (path: string): ExportedFile => ({ path, content: () => readFixture(path) });
  return [
    copy('schema/common.schema.json'),
    ...selected.flatMap((part) => {
      const name = part.path === 'golden/index' ? 'golden' : part.path.slice('vectors/'.length);
      const text = { path: `${part.path}.json`, content: () => fileText(part) };
      const frames = part.vectors.flatMap((vector) =>
        'file' in vector ? [copy(`golden/${vector.file}`)] : [],
      );
      return [copy(`schema/${name}.schema.json`), text, ...frames];
    }),
  ];
}

/** One vector on each line, as in fixtures/. */
function fileText({ path, vectors }: Selected): string {
  const { $schema, description } = vectorFile(path);
  const head = JSON.stringify({ $schema, description, count: vectors.length }, null, 2);
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`);
  return `${head.slice(0, -'\n}'.length)},\n  "vectors": [\n${lines.join(',\n')}\n  ]\n}\n`;
}
