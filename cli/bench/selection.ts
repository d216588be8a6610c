/** Which sections of a bench are measured, and which of their rows: what `--only` names, or what is to be measured again. */

import { globOf } from '../../conformance/util/glob.ts';

/** Whether a section is measured at all, or a row of it. */
export type Selection = (section: string, row?: string) => boolean;

/**
 * `only` are patterns for sections, such as 'kit/fuzz', or for rows with their section, such as 'codec/encode Submit*',
 * where the section asks for each of its rows. `again` holds names of both kinds. Undefined stands for all there is.
 */
export function selectionBy(
  only: readonly string[] | undefined,
  again: ReadonlySet<string> | undefined,
): Selection {
  const patterns = (only ?? ['*']).map((pattern) => globOf(pattern));
  const sectionsAgain = again && new Set([...again].map((name) => name.split(' ', 1)[0]));
  return (section, row) => {
    const name = row === undefined ? section : `${section} ${row}`;
    if (!patterns.some((pattern) => pattern.test(name) || pattern.test(section))) return false;
    if (again === undefined || again.has(section)) return true;
    return row === undefined ? sectionsAgain?.has(section) === true : again.has(name);
  };
}
