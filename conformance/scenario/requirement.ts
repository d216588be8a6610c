/**
 * What every report needs of a scenario, whether a server, a client or a library is judged by it. How each of them is judged
 * stands in its own kind of scenario, which extends this one.
 */

/**
 * How binding a requirement is (docs/protocol.md), the strictest first: MUST = documented or safety, SHOULD = plainly
 * intended, MAY = free.
 */
export const LEVELS = ['MUST', 'SHOULD', 'MAY'] as const;

/** A requirement level. */
export type Level = (typeof LEVELS)[number];

/** One sentence that is judged. */
export interface Requirement {
  /** Permanent kebab path, section first: 'frame/length-over-cap'. */
  readonly id: string;
  /** Clause of docs/protocol.md, such as 'F2'. */
  readonly clause: string;
  readonly level: Level;
  /** The sentence that is judged. */
  readonly requirement: string;
  /**
   * Id of the scenario with the same input minus its one fault. A pass proves something only if the control passed in the
   * same run. Default: none is needed.
   */
  readonly control?: string;
}

/** The section of the catalogue: the part of an id before its slash. */
export function sectionOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

/** The selected scenarios with all their controls, and the controls of those, in the order of the catalogue. */
export function withControls<S extends Requirement>(
  catalogue: readonly S[],
  isSelected: (scenario: S) => boolean,
): readonly S[] {
  const byId = new Map(catalogue.map((scenario) => [scenario.id, scenario]));
  const needed = new Set<string>();
  for (const selected of catalogue.filter(isSelected))
    for (
      let next: S | undefined = selected;
      next && !needed.has(next.id);
      next = byId.get(next.control ?? '')
    )
      needed.add(next.id);
  return catalogue.filter(({ id }) => needed.has(id));
}
