/**
 * The report, such as a traceback or a stack trace, that the process of the target writes because of what an attempt sends. What
 * it writes once the kit has closed a connection is due to that, and what it writes while the attempt only waits may be due to
 * another one.
 */

import type { ProcessEnd, WatchReports } from '../../observers/observer.ts';
import type { Lane } from '../timing/lanes.ts';

/** Of a process that has lost a connection. */
const OF_A_CLOSE = /Connection(?:Reset|Aborted)|BrokenPipe|ECONNRESET|EPIPE|connection reset|broken pipe/i;

/**
 * Leaves out what the process writes whatever is sent: that a connection was closed, and what ends as one of `usual`, the reports from
 * before the first scenario.
 */
export function unusual(watchReports: WatchReports, usual: readonly ProcessEnd[] = []): WatchReports {
  const known = new Set(usual.map(gistOf));
  return () => {
    const end = watchReports();
    return () => end().filter((said) => !known.has(gistOf(said)) && !OF_A_CLOSE.test(gistOf(said)));
  };
}

/** The lines that mostly name the error: the last with a word in Python, else the first two; without numbers, such as ports. */
function gistOf({ lines }: ProcessEnd): string {
  const [first = '', second = ''] = lines;
  const last = lines.findLast((line) => /\p{L}/u.test(line)) ?? '';
  return (first.startsWith('Traceback') ? last : `${first}\n${second}`).replaceAll(/\d+/g, '');
}

export class ReportWatch {
  readonly #watchReports: WatchReports;
  #begun: ReturnType<WatchReports> | undefined;
  #said: ProcessEnd | undefined;

  constructor(watchReports: WatchReports) {
    this.#watchReports = watchReports;
  }

  /** What the process writes from now on counts. */
  begin(): void {
    this.#begun ??= this.#watchReports();
  }

  /** What it writes from now on does not count. To be called before the kit closes the connection. */
  end(): void {
    this.#said = this.#begun?.().at(-1) ?? this.#said;
    this.#begun = undefined;
  }

  /** The last report that counts; undefined if there is none. */
  get said(): ProcessEnd | undefined {
    return this.#said;
  }

  /** A lane that ends the watch while the attempt has given it up. */
  over(lane: Lane): Lane {
    return {
      release: () => {
        this.end();
        lane.release();
      },
      regain: async () => {
        await lane.regain();
        this.begin();
      },
    };
  }
}
