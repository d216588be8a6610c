/**
 * Minimises a corpus: sends each input to the target, and keeps for each signature and each breach the smallest input that
 * shows it.
 */

import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import { type Case, caseSize } from '../case/case.ts';
import { Evaluator } from '../oracle/evaluator.ts';
import type { Calibration } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import { Confirmer } from '../triage/confirm.ts';

/** What `minimiseCorpus` sends, and to which target. */
export interface MinimiseCorpusOptions {
  readonly inputs: readonly Case[];
  /** As `calibrate` returned it. */
  readonly target: Target;
  readonly calibration: Calibration;
  /** Inputs in flight, 1 or more. Default 16. */
  readonly jobs?: number | undefined;
  /** Called with the number of inputs that were sent. */
  readonly onProgress?: ((sent: number) => void) | undefined;
}

/** Which inputs of a corpus are kept. */
export interface MinimisedCorpus {
  /** Their places in `inputs`, in order. */
  readonly kept: readonly number[];
  /** How many signatures and breaches the inputs show. */
  readonly signatures: number;
}

const DEFAULT_JOBS = 16;

/**
 * Sends every input once, the smallest first; an input that stops the target is attributed exactly, and the target is
 * restarted. Rejects with a TargetLostError if the target does not come back, and with the reason of the calibration's signal.
 */
export async function minimiseCorpus(options: MinimiseCorpusOptions): Promise<MinimisedCorpus> {
  const { inputs, target, calibration, jobs = DEFAULT_JOBS, onProgress } = options;
  const { behaviour, waits, health } = calibration;
  const evaluator = new Evaluator({ address: target.address, against: target.against, behaviour });
  const confirmer = new Confirmer({ ...calibration, target, jobs });
  const shown = async (value: Case): Promise<readonly string[]> => {
    const { signatures, breaches } = await unlessAborted(evaluator.run(value, waits), health.signal);
    return [...signatures, ...breaches.map(({ symptom }) => symptom)];
  };
  const keeperOf = new Map<string, number>();
  const places = [...inputs.keys()].sort((one, other) => sizeAt(inputs, one) - sizeAt(inputs, other));
  try {
    for (let at = 0; at < places.length; at += jobs) {
      const group = places.slice(at, at + jobs);
      let results = await Promise.all(group.map((place) => shown(inputs[place] as Case)));
      if ((await confirmer.probeAndRestart()) !== undefined) {
        results = [];
        for (const place of group) {
          const value = inputs[place] as Case;
          const signatures = await shown(value);
          const fatal = await confirmer.probeAndRestart();
          results.push(fatal === undefined ? signatures : [fatal.symptom]);
        }
      }
      for (const [nth, signatures] of results.entries())
        for (const signature of signatures)
          if (!keeperOf.has(signature)) keeperOf.set(signature, group[nth] as number);
      onProgress?.(Math.min(at + jobs, places.length));
    }
  } finally {
    evaluator.release();
    confirmer.release();
  }
  return {
    kept: [...new Set(keeperOf.values())].sort((one, other) => one - other),
    signatures: keeperOf.size,
  };
}

function sizeAt(inputs: readonly Case[], place: number): number {
  const value = inputs[place];
  return value === undefined ? 0 : caseSize(value);
}
