/** Why scenarios are skipped, by what the run lacks. */

/**
 * What a run needs to judge a scenario: a target whose policy accepts tasks (S7), permission to wait for the timeouts of
 * the protocol, permission to flood or kill the target, its store, or its process.
 */
export const LACKS = ['acceptance', 'timeouts', 'permission', 'store', 'process'] as const;

/** What a skipped scenario would need. */
export type Lack = (typeof LACKS)[number];
