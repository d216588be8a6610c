import t from 'tap';
import { vectorFile } from '../../../conformance/vectors/load.ts';
import { disagreement, VECTOR_PATHS } from './verify.ts';

for (const path of VECTOR_PATHS) {
  const { count, vectors } = vectorFile(path);
  const disagreements = vectors.flatMap((vector) => {
    const reason = disagreement(path, vector);
    return reason === undefined ? [] : [`${vector.id}: ${reason}`];
  });
  t.ok(vectors.length > 0 && vectors.length === count, `${path} holds vectors`);
  t.strictSame(disagreements, [], `the reference agrees with all of the ${count} vectors of ${path}`);
}
