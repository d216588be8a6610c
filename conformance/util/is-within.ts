/** Whether one path is inside another. */

import nodePath from 'node:path';

/** Whether `path` is `folder` or inside of it. `paths`: the rules of the system; default: of this one. */
export function isWithin(
  path: string,
  folder: string,
  paths: Pick<typeof nodePath, 'relative' | 'isAbsolute' | 'sep'> = nodePath,
): boolean {
  const way = paths.relative(folder, path);
  // On another drive of Windows, it is absolute.
  return way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way);
}
