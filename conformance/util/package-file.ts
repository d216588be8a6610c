/** Files of this package: schemas, fixtures, the built command. Built files are one folder deeper than sources. */

const ROOT = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url);

/** The URL of a file by its path from the root of the package, with `/` between names. */
export function packageFile(path: string): URL {
  return new URL(path, ROOT);
}
