/** Registers every scenario as a test. The plan runs once; each test has the verdict of its scenario. */

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { catalogue } from '../catalogue/index.ts';
import { countsAsFailure, effectiveVerdict } from '../report/effective-verdict.ts';
import { EXIT } from '../report/exit-status.ts';
import { KnownFailureList, KnownFailuresError } from '../report/known-failures.ts';
import type { ReportRecord } from '../report/record.ts';
import { NO_FILTERS } from '../report/run-records.ts';
import { summariseRecords } from '../report/summary.ts';
import { because } from '../reporters/common/explanation.ts';
import type { RunOptions } from '../run/runner.ts';
import type { Lack } from '../scenario/lacks.ts';
import type { Level } from '../scenario/requirement.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { globOf } from '../util/glob.ts';
import { packageFile } from '../util/package-file.ts';
import { printable } from '../util/printable.ts';
import { ConformanceError, failureOf, furtherFailureOf, inconclusiveOf } from './conformance-error.ts';
import { type Judged, SharedRun } from './shared-run.ts';
import { checkTarget, openTarget, type TargetOptions } from './target.ts';
import { type Outcome, registerSuite, type TestRunner, type Tests } from './test-runner.ts';

type Passed =
  | 'jobs'
  | 'seed'
  | 'retries'
  | 'bail'
  | 'maxFailures'
  | 'slow'
  | 'heavy'
  | 'answerWithinMs'
  | 'maxTimeMs'
  | 'addresses';

/** Options of `conformance`: the target, what is judged, and what counts. Those of a run are as in `RunOptions`. */
export interface ConformanceOptions extends TargetOptions, Pick<RunOptions, Passed> {
  /** The name of the suite. Default: 'task-submission protocol'. */
  readonly title?: string | undefined;
  /** Only scenarios whose id matches one of these, such as 'frame/*'; `*` matches any text. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Leave out scenarios whose id matches one of these. Default: none. */
  readonly skip?: readonly string[] | undefined;
  /** Only scenarios that judge one of these clauses, such as 'F2'. Default: all. */
  readonly clause?: readonly string[] | undefined;
  /** Only requirements of these levels. Default: all. */
  readonly level?: readonly Level[] | undefined;
  /** A failed SHOULD fails its test. Default: its test is skipped, with the failure as the reason. */
  readonly strict?: boolean | undefined;
  /** The path of a list of known failures, whose tests are skipped while they fail for the reason in the list. */
  readonly knownFailures?: string | undefined;
  /** The last test fails if a scenario is skipped for want of one of these. Default: none. */
  readonly require?: readonly Lack[] | undefined;
  /** The last test fails if more scenarios are skipped. Default: any number. */
  readonly maxSkipped?: number | undefined;
  /** Takes all records when the run has ended, for a report. Default: nothing is done. */
  readonly onRecords?: ((records: readonly ReportRecord[]) => void | Promise<void>) | undefined;
}

/** How long a server may take until it answers a first SUBMIT, in milliseconds. */
const ANSWER_MS = 5000;
const TITLE = 'task-submission protocol';
/** The name of the last test. */
const WHOLE_RUN = 'every planned scenario was judged';

/**
 * Registers a suite with a test for each selected scenario, named by its id and clause, and a last test that fails when the run
 * has no verdict: the target was not reached, scenarios are inconclusive, a known failure is stale. A test whose scenario counts
 * and is inconclusive fails, too, so that a selection of tests cannot pass without a verdict. Call it where tests are
 * registered. The run begins with the first test that is executed, and the target of `exec` ends after the last one.
 *
 * `runner` is the default export of `node:test` or `tap`, or all exports of vitest (`import * as vitest`). Returns
 * what the runner returns for the suite. Throws a TypeError for options that name no target or select no scenario, and a
 * KnownFailuresError for a list that cannot be read.
 */
export function conformance(runner: TestRunner, options: ConformanceOptions): unknown {
  checkTarget(options);
  const planned = plannedBy(options);
  const shared = sharedRun(options, planned);
  const verdicts = new Verdicts(shared);
  const tests: Tests = new Map([
    ...planned.map(({ id, clause }) => [`${id} (${clause})`, () => verdicts.of(id)] as const),
    [WHOLE_RUN, () => verdicts.ofRun(options.onRecords)],
  ]);
  return registerSuite(runner, options.title ?? TITLE, tests, () => shared.stop());
}

/** The outcomes of the tests of one run. */
class Verdicts {
  readonly #shared: SharedRun;
  /** For each cause, the id of the scenario whose test explained it. */
  readonly #explained = new Map<string, string>();
  #failures = 0;
  /** The id of the test that fails because there is no verdict. */
  #missingExplained: string | undefined;

  constructor(shared: SharedRun) {
    this.#shared = shared;
  }

  async of(id: string): Promise<Outcome> {
    let judged: Judged | undefined;
    try {
      judged = await this.#shared.judged(id);
      if (judged === undefined)
        return this.#missing(id, summariseRecords(await this.#shared.records()).reason);
    } catch (error) {
      return this.#missing(id, error instanceof Error ? error.message : String(error));
    }
    const { plan, record } = judged;
    const { word, conforms } = effectiveVerdict(record, plan.strict);
    if (word === 'pass') return { kind: 'passes' };
    if (conforms)
      return {
        kind: 'skipped',
        reason: word === 'skipped' ? because(record) : `${word}: ${because(record)}`,
      };
    if (record.verdict === 'inconclusive') return { kind: 'fails', error: inconclusiveOf(record, plan) };
    this.#failures += 1;
    const cause = record.verdict === 'fail' ? (record.cause ?? id) : id;
    const first = this.#explained.get(cause) ?? id;
    this.#explained.set(cause, first);
    // A runner may repeat a test that fails.
    const error = first === id ? failureOf(record, plan) : furtherFailureOf(record, plan, first);
    return { kind: 'fails', error };
  }

  async ofRun(onRecords: ConformanceOptions['onRecords']): Promise<Outcome> {
    try {
      const records = await this.#shared.records();
      await onRecords?.(records);
      const { exitStatus, verdict, reason } = summariseRecords(records);
      // The failures have tests of their own.
      const isShown = exitStatus === EXIT.success || (exitStatus === EXIT.failed && this.#failures > 0);
      return isShown
        ? { kind: 'passes' }
        : { kind: 'fails', error: new ConformanceError(`${verdict}: ${reason}${staleIn(records)}`) };
    } catch (error) {
      return { kind: 'fails', error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  /** Why there is no verdict fails one test; the others are skipped for it. */
  #missing(id: string, reason: string): Outcome {
    const text = `not judged: ${reason}`;
    this.#missingExplained ??= id;
    if (this.#missingExplained !== id) return { kind: 'skipped', reason: text };
    return { kind: 'fails', error: new ConformanceError(text) };
  }
}

/** A line for each entry of the known failures that does not hold any more. */
function staleIn(records: readonly ReportRecord[]): string {
  const end = records.find((record) => record.record === 'end');
  return (end?.knownFailures ?? [])
    .flatMap(({ line, pattern, stale }) => (stale ? [`\nline ${line}, ${pattern}: ${stale}`] : []))
    .join('');
}

function sharedRun(options: ConformanceOptions, planned: readonly Scenario[]): SharedRun {
  const { only = [], skip = [], clause = [], level = [], strict = false, require, maxSkipped } = options;
  const { jobs, seed, retries, bail, maxFailures, slow, heavy, answerWithinMs, maxTimeMs, addresses } =
    options;
  const ids = new Set(planned.map(({ id }) => id));
  const startTimeoutMs = options.startTimeoutMs ?? ANSWER_MS;
  const knownFailures = options.knownFailures === undefined ? undefined : listIn(options.knownFailures, ids);
  return new SharedRun({
    run: {
      ...{
        catalogue,
        jobs,
        seed,
        bail,
        maxFailures,
        countsAsFailure: countsAsFailure(strict, knownFailures),
        heavy,
        answerWithinMs,
        maxTimeMs,
        startTimeoutMs,
        addresses,
      },
      ...(retries !== undefined && { retries }),
      ...(slow !== undefined && { slow }),
    },
    selected: ({ id }) => ids.has(id),
    open: (signal) => openTarget(options, signal),
    nowMs: () => performance.now(),
    startedAt: now,
    kit: version(),
    ...{ strict, require, maxSkipped },
    filters: { ...NO_FILTERS, only, skip, clause, level },
    knownFailures,
  });
}

/** Throws a KnownFailuresError, which says what a path is, for anything else. */
function readList(path: unknown): string {
  if (typeof path !== 'string')
    throw new KnownFailuresError(
      `knownFailures is the path of a list, as a string, not ${Array.isArray(path) ? 'an array' : `a value of type ${typeof path}`}`,
    );
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const message =
      path.includes('\n') || code === 'ENAMETOOLONG'
        ? `knownFailures is the path of a list, such as 'known-failures.txt', not its text: ${printable(path, 40)}`
        : `knownFailures: the list ${printable(path)} cannot be read (${code})`;
    throw new KnownFailuresError(message, { cause });
  }
}

function listIn(path: string, planned: ReadonlySet<string>): KnownFailureList {
  return new KnownFailureList(readList(path), {
    ids: catalogue.map(({ id }) => id),
    isPlanned: (id) => planned.has(id),
    today: now().slice(0, 'YYYY-MM-DD'.length),
  });
}

/** In the order of the catalogue. Throws a TypeError when a name or a pattern matches nothing, or nothing is left. */
function plannedBy({ only, skip, clause, level }: ConformanceOptions): readonly Scenario[] {
  const isOnly = matcher('only', only, ({ id }, pattern) => globOf(pattern).test(id));
  const isSkipped = matcher('skip', skip, ({ id }, pattern) => globOf(pattern).test(id));
  const isOfClause = matcher('clause', clause, (scenario, name) => scenario.clause === name.toUpperCase());
  const isOfLevel = matcher('level', level, (scenario, name) => scenario.level === name);
  const planned = catalogue.filter(
    (scenario) =>
      (isOnly?.(scenario) ?? true) &&
      !(isSkipped?.(scenario) ?? false) &&
      (isOfClause?.(scenario) ?? true) &&
      (isOfLevel?.(scenario) ?? true),
  );
  if (planned.length === 0) throw new TypeError('the options select no scenario');
  return planned;
}

function matcher(
  option: string,
  texts: readonly string[] | undefined,
  matches: (scenario: Scenario, text: string) => boolean,
): ((scenario: Scenario) => boolean) | undefined {
  for (const text of texts ?? [])
    if (!catalogue.some((scenario) => matches(scenario, text)))
      throw new TypeError(`${option} ${JSON.stringify(text)} matches no scenario`);
  return texts && ((scenario) => texts.some((text) => matches(scenario, text)));
}

function now(): string {
  return new Date().toISOString();
}

function version(): string {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version;
}
