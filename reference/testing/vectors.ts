/** The test vectors under fixtures/ for the tests of the reference. */
import type { Test } from 'tap';
import type { Common } from '../../conformance/vectors/build/vector.ts';
import { type VectorPath, vectorFile } from '../../conformance/vectors/load.ts';

/** The vectors of a file in fixtures/. `path` has no extension. */
export function vectors<V extends Common>(path: VectorPath): readonly V[] {
  return vectorFile(path).vectors as readonly Common[] as readonly V[];
}

/** Checks every vector of a file in one assertion, which lists the vectors whose check throws, with the reason. */
export function checkAll<V extends { readonly id: string }>(
  t: Test,
  path: VectorPath,
  check: (vector: V) => void,
): void {
  const given = vectors<V & Common>(path);
  const failed = given.flatMap((vector) => {
    try {
      check(vector);
      return [];
    } catch (error) {
      return [`${vector.id}: ${String(error)}`];
    }
  });
  t.ok(given.length > 0, `${path} holds vectors`);
  t.strictSame(failed, [], `all of the ${given.length} vectors of ${path}`);
  t.end();
}
