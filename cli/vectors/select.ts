/** Selection of vectors by id and level. */

import { globOf } from '../../conformance/util/glob.ts';
import type { Level } from '../../conformance/vectors/build/vector.ts';
import { type VectorByPath, type VectorPath, vectorFile } from '../../conformance/vectors/load.ts';
import { UsageError } from '../core/errors.ts';
import { VECTOR_PATHS } from './verify/verify.ts';

export interface Selection {
  /** Patterns of ids, in which * matches any text; undefined selects all. */
  readonly only: readonly string[] | undefined;
  readonly levels: readonly Level[] | undefined;
}

/** The selected vectors of one file. */
export interface Selected<P extends VectorPath = VectorPath> {
  readonly path: P;
  readonly vectors: readonly VectorByPath[P][];
}

/**
 * The files with selected vectors. Throws UsageError when a pattern matches no vector, or all options together leave none: a
 * check must not silently cover less than it was asked to.
 */
export function selectVectors({ only, levels }: Selection): readonly Selected[] {
  const files = VECTOR_PATHS.map((path) => ({ path, vectors: vectorFile(path).vectors }));
  const tests = only?.map((pattern) => {
    const test = globOf(pattern);
    if (files.some(({ vectors }) => vectors.some(({ id }) => test.test(id)))) return test;
    throw new UsageError(
      `--only ${JSON.stringify(pattern)} matches no vector; conform fixtures --list shows their ids`,
    );
  });
  const selected = files
    .map(({ path, vectors }) => ({
      path,
      vectors: vectors.filter(
        ({ id, level }) =>
          (tests?.some((test) => test.test(id)) ?? true) && (levels?.includes(level) ?? true),
      ),
    }))
    .filter(({ vectors }) => vectors.length > 0);
  if (selected.length === 0)
    throw new UsageError('the options select no vector; conform fixtures --list shows all of them');
  return selected;
}
