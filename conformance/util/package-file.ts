/** Files of this package: schemas, fixtures, the built command. The sources lie one folder higher than the built files. */

const ROOT = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url);

/** The URL of a file by its path from the root of the package, with `/` between names. */
export function packageFile(path: string): URL {
  return new URL(path, ROOT);
}
