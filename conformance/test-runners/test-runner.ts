/** What `node:test`, vitest and tap have in common, and where they differ. */

/** A test runner, or a test of tap. `node:test` has `describe` and `after`, vitest `describe` and `afterAll`, tap `after`. */
export interface TestRunner {
  test(name: string, options: TestOptions, body: (context: TestContext) => Promise<void>): unknown;
  describe?(name: string, body: () => void): unknown;
  after?(action: () => Promise<void>): unknown;
  afterAll?(action: () => Promise<void>): unknown;
}

interface TestOptions {
  /** In milliseconds. */
  readonly timeout: number;
  /** Of tap: null for none. It shows the place of a test in the source next to each failure. */
  readonly at?: null;
}

/** What a test runner gives to the body of a test. */
interface TestContext {
  /** Marks the test as skipped. In vitest it throws, so nothing may follow it. The types of tap name more arguments. */
  skip(reason: string, ...more: never[]): unknown;
  /** Of tap, which shows of an error only its first line. */
  fail?(message: string, extra: Readonly<Record<string, unknown>>): unknown;
}

/** The longest that every runner takes. The run has deadlines of its own, so that no test has to be ended from outside. */
const NO_TIMEOUT: TestOptions = { timeout: 2 ** 31 - 1 };

/** How a test ended. It passes without a text. */
export type Outcome =
  | { readonly kind: 'passes' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'fails'; readonly error: Error };

/** The tests of one suite, by their names. */
export type Tests = ReadonlyMap<string, () => Promise<Outcome>>;

/** Registers a suite with its tests, and what is done after them. A runner without `describe` gets a test that contains them. */
export function registerSuite(
  runner: TestRunner,
  name: string,
  tests: Tests,
  after: () => Promise<void>,
): unknown {
  if (runner.describe !== undefined) return runner.describe(name, () => registerTests(runner, tests, after));
  const options = { ...NO_TIMEOUT, at: null };
  return runner.test(name, options, async (context) => {
    if (!isRunner(context)) throw new TypeError('this test runner has neither suites nor tests within tests');
    registerTests(context, tests, after, options);
  });
}

function isRunner(context: object): context is TestRunner {
  return 'test' in context && typeof context.test === 'function';
}

function registerTests(
  runner: TestRunner,
  tests: Tests,
  after: () => Promise<void>,
  options: TestOptions = NO_TIMEOUT,
): void {
  if (runner.after) runner.after(after);
  else runner.afterAll?.(after);
  for (const [name, outcomeOf] of tests)
    runner.test(name, options, async (context) => {
      const outcome = await outcomeOf();
      if (outcome.kind === 'skipped') context.skip(outcome.reason);
      if (outcome.kind === 'fails') fail(context, outcome.error);
    });
}

function fail(context: TestContext, error: Error): void {
  if (context.fail === undefined) throw error;
  const [title = '', ...details] = error.message.split('\n');
  context.fail(title, { details: details.join('\n'), at: null, stack: '' });
}
