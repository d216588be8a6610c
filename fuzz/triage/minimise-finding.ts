/** Minimises a saved finding again: with more time than a campaign has, or after the target has changed. */

import type { Case } from '../case/case.ts';
import type { Calibration } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import { Confirmer } from './confirm.ts';
import type { Finding } from './finding.ts';
import type { SavedFinding } from './finding-files.ts';
import { Triage } from './triage.ts';

/** A day, in milliseconds, and as many tries as it takes. The signal of the calibration ends it before. */
const MOST_MS = 24 * 3_600_000;
const MOST_TRIES = 1_000_000;

/**
 * Confirms the case of a replayable finding, and searches for the smallest case with the same symptom. Undefined if the case
 * does not show the symptom any more. `onSimpler` is called with each simpler case on the way. Rejects with a TargetLostError
 * if the target does not come back, and with the reason of the signal of the calibration.
 */
export async function minimiseFinding(
  { value, invariant, symptom, history }: SavedFinding,
  target: Target,
  calibration: Calibration,
  onSimpler?: (value: Case) => void,
): Promise<Finding | undefined> {
  const { behaviour, confirmWaits, health } = calibration;
  const confirmer = new Confirmer({ ...calibration, target, jobs: 1 });
  const triage = new Triage({
    confirmer,
    confirmWaits,
    about: {
      usual_ms: behaviour.usualMs,
      closes_after_a_frame: behaviour.closes,
      serves_several: behaviour.servesSeveral,
    },
    minimiseTries: MOST_TRIES,
    minimiseMs: () => MOST_MS,
    onSimpler,
    signal: health.signal,
  });
  try {
    const symptoms = () => confirmer.symptomsOf(value, confirmWaits);
    const searched = { invariant, symptom, clause: 'T3', detail: 'the target does not start again' };
    const shown = await (history === undefined ? symptoms() : confirmer.inNewLives(searched, symptoms));
    const same =
      shown.find((one) => one.symptom === symptom) ?? shown.find((one) => one.invariant === invariant);
    if (same === undefined) return undefined;
    const result = await triage.investigate({
      value,
      symptom: same,
      mutations: [],
      origin: { lane: 'given' },
      history,
    });
    return result.kind === 'finding' && result.finding.failed > 0 ? result.finding : undefined;
  } finally {
    confirmer.release();
  }
}
