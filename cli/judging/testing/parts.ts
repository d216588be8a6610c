/** Parts without a process, for tests of what all parts share. */

import { type JudgedEvent, JudgedRecorder, type Requirement } from '../../../conformance/index.ts';
import type { JudgeOptions } from '../../options/judge.ts';
import type { Part } from '../part.ts';

/** Ids that exist, so that a file of known failures can name them. */
export const IDS = {
  server: ['frame/legal', 'frame/coalesced'],
  client: ['client-reading/accepted', 'client-reading/rejected'],
  library: ['library-extensions/md-upper-case'],
} as const;

export type Kind = keyof typeof IDS;

function scenario(id: string): Requirement {
  return { id, clause: 'T1', level: 'MUST', requirement: 'A sentence.' };
}

/**
 * A part whose named scenarios fail, in each run those that `failing` has then; `opened` has the parts that were opened. A run
 * waits for `during`, and is interrupted if its signal fires.
 */
export function part(
  kind: Kind,
  failing: readonly string[] = [],
  opened: Kind[] = [],
  during: (signal: AbortSignal) => Promise<void> = async () => {},
): Part {
  const catalogue = IDS[kind].map(scenario);
  return {
    catalogue,
    identity: kind,
    isStarted: true,
    open: async () => {
      opened.push(kind);
      return {
        provenance: { name: `my-${kind}`, replay: '', ...(kind !== 'server' && { command: kind }) },
        judge: async function* ({ provenance, isSelected, signal }) {
          const recorder = new JudgedRecorder({ ...provenance, name: `my-${kind}` });
          const selected = catalogue.filter(isSelected);
          const plan = {
            kind: 'plan',
            about: [],
            planned: selected.map(({ id }) => id),
            controls: [],
          } as const;
          yield* recorder.take(plan);
          await during(signal);
          if (signal.aborted) return yield* recorder.take({ kind: 'end', because: 'interrupted' });
          const events: JudgedEvent[] = [
            ...selected.map((one) => resultOf(one, failing.includes(one.id))),
            { kind: 'end', because: 'complete' },
          ];
          for (const event of events) yield* recorder.take(event);
        },
        close: async () => {},
      };
    },
  };
}

function resultOf(one: Requirement, fails: boolean): JudgedEvent {
  const facts = { scenario: one, onlyAsControl: false, observed: 'x', behaviour: 'x', durationMs: 1 };
  const failure = { expected: ['y'], mismatches: ['it is x'], cause: 'x', failedPlays: 1 };
  return {
    kind: 'result',
    judged: {
      ...{ ...facts, attempts: 1 },
      verdict: fails ? { verdict: 'fail', ...failure } : { verdict: 'pass', accepted: 'x' },
    },
  };
}

/** The options of a command line without any. */
export const DEFAULTS: Partial<JudgeOptions> = {
  ...{ dryRun: false, trace: false, all: false, updateKnownFailures: false, strict: false },
  ...{ retries: 0, bail: false },
};
