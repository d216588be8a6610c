/** Counts what conversations showed, and makes one verdict of each rule: findings in, events for a report out. Pure. */

import type { Judged, JudgedEvent, JudgedVerdict } from '../report/judged.ts';
import type { WireRecord } from '../report/record.ts';
import { SEND_RESULTS, STATUS_UPDATE, SUBMIT } from '../scenario/bytes.ts';
import type { Finding, Noted, Side } from '../traffic/conversation.ts';
import { type Rule, TRAFFIC_RULES } from '../traffic/rules.ts';
import { counted } from '../util/counted.ts';

/** What passed, by which a rule applies. */
interface Passed {
  readonly frames: Readonly<Record<Side, number>>;
  /** Frames of the sender by type. */
  readonly types: ReadonlyMap<number, number>;
}

interface Broken {
  /** The first finding, and the conversation that shows it. */
  readonly first: Finding;
  readonly where: string;
  readonly transcript: readonly WireRecord[];
  connections: number;
}

/** The frame type of a rule that applies to one only. */
const TYPE_OF_RULE: Readonly<Record<string, number>> = {
  'sender/task-id': SUBMIT,
  'sender/description': SUBMIT,
  'sender/state': STATUS_UPDATE,
  'sender/justification': STATUS_UPDATE,
  'sender/integer': SEND_RESULTS,
  'sender/base64': SEND_RESULTS,
  'sender/result-type': SEND_RESULTS,
  'sender/result-bounds': SEND_RESULTS,
  'sender/extension': SEND_RESULTS,
  'sender/time': SEND_RESULTS,
  'receiver/update-unanswered': STATUS_UPDATE,
  'receiver/results-unanswered': SEND_RESULTS,
};

/** Rules about what a receiver makes of input that is rare: nothing is judged unless they are broken. */
const RARE: readonly string[] = [
  ...['sender/legacy-type', 'receiver/description', 'receiver/malformed', 'receiver/half-close'],
  ...['receiver/concurrent', 'receiver/bad-update-unanswered', 'receiver/bad-results-unanswered'],
  ...['receiver/foreign-unanswered', 'receiver/over-cap-unanswered', 'receiver/cut-unanswered'],
];

export class Tally {
  readonly #frames = { sender: 0, receiver: 0 };
  readonly #types = new Map<number, number>();
  readonly #broken = new Map<string, Broken>();
  connections = 0;

  /** Counts what the judge noted of a connection; `where` names it, and `transcript` is what is kept of it so far. */
  take(noted: Noted, where: string, transcript: () => readonly WireRecord[]): void {
    if (noted.kind === 'frame') {
      const { from, type } = noted.frame;
      this.#frames[from] += 1;
      if (from === 'sender' && (type <= SEND_RESULTS || this.#types.size < 100))
        this.#types.set(type, (this.#types.get(type) ?? 0) + 1);
      return;
    }
    const { finding } = noted;
    const known = this.#broken.get(finding.rule);
    if (known) known.connections += 1;
    else this.#broken.set(finding.rule, { first: finding, where, transcript: transcript(), connections: 1 });
  }

  /** What was seen, in lines for a person. */
  about(): readonly string[] {
    const { sender, receiver } = this.#frames;
    return [
      `${count(this.connections, 'connection')}, ${count(sender, 'request')}, ${count(receiver, 'answer')}`,
    ];
  }

  /** The events of a report on all that was seen so far. `again`: the command that judges more traffic. */
  *events(again: string): Generator<JudgedEvent, void> {
    const planned = TRAFFIC_RULES.map(({ id }) => id);
    yield { kind: 'plan', about: this.about(), planned, controls: [] };
    for (const rule of TRAFFIC_RULES) yield { kind: 'result', judged: { ...this.#judged(rule), again } };
    yield { kind: 'end', because: 'complete' };
  }

  #judged(rule: Rule): Judged {
    const broken = this.#broken.get(rule.id);
    const applied = applies(rule, { frames: this.#frames, types: this.#types });
    const observed = broken
      ? `${broken.first.seen}, on ${broken.where}${broken.connections > 1 ? ` and ${count(broken.connections - 1, 'other')}` : ''}`
      : `${count(applied, 'frame')} without a fault`;
    return {
      scenario: rule,
      verdict: verdictOf(rule, broken, applied),
      onlyAsControl: false,
      attempts: broken || applied > 0 ? 1 : 0,
      observed: broken || applied > 0 ? observed : '',
      behaviour: broken ? 'broken' : applied > 0 ? 'kept' : '',
      durationMs: 0,
      transcript: broken?.transcript,
    };
  }
}

function verdictOf(rule: Rule, broken: Broken | undefined, applied: number): JudgedVerdict {
  if (broken)
    return {
      verdict: 'fail',
      expected: [rule.requirement],
      mismatches: [`the ${rule.side}: ${broken.first.seen}`],
      cause: rule.id,
      failedPlays: 1,
    };
  return applied > 0
    ? { verdict: 'pass', accepted: `${count(applied, 'frame')} without a fault` }
    : { verdict: 'skipped', reason: 'nothing passed that it applies to' };
}

/** The number of frames that the rule judged. */
function applies({ id, side }: Rule, { frames, types }: Passed): number {
  if (RARE.includes(id)) return 0;
  const type = TYPE_OF_RULE[id];
  if (type !== undefined) return types.get(type) ?? 0;
  return side === 'receiver' && id !== 'receiver/silent-first' ? (types.get(SUBMIT) ?? 0) : frames.sender;
}

function count(number: number, noun: string): string {
  return counted(number, noun);
}
