/**
 * Asks an adapter many questions, and survives its end: when it is lost, each request that was open is asked again, alone and on
 * a new process, to find the one that it does not survive.
 */

import { type Adapter, type AdapterOptions, startAdapter } from '../pipe/adapter.ts';
import { AdapterLostError, NotAskedError } from '../pipe/adapter-error.ts';
import type { Answer, Args, Hello, Op } from '../pipe/interface.ts';

/** Requests at a time. */
const LANES = 64;
/** Most losses in a run, and most of them by silence, which takes the whole deadline. */
const MOST_LOSSES = 12;
const MOST_SILENT = 3;

/** One question, made when it is sent. */
export interface Question {
  readonly op: Op;
  readonly args: (nowMs: number) => Args;
}

/** What came of a question. */
export type Reply =
  /** `fromMs` to `toMs`: when it was asked and answered, in milliseconds since 1970. */
  | { readonly kind: 'answered'; readonly answer: Answer; readonly fromMs: number; readonly toMs: number }
  /** The adapter ended, or was silent. */
  | { readonly kind: 'lost'; readonly how: string }
  /** It was lost too often, so this was not asked. */
  | { readonly kind: 'given-up' };

export interface AskerOptions extends AdapterOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export class Asker {
  readonly #line: string;
  readonly #options: AskerOptions;
  #adapter: Adapter;
  #losses = 0;
  #silent = 0;
  readonly hello: Hello;

  private constructor(line: string, options: AskerOptions, started: { adapter: Adapter; hello: Hello }) {
    this.#line = line;
    this.#options = options;
    this.#adapter = started.adapter;
    this.hello = started.hello;
  }

  /** Throws an AdapterError, and the reason of the signal. */
  static async start(line: string, options: AskerOptions): Promise<Asker> {
    return new Asker(line, options, await startAdapter(line, options));
  }

  /**
   * The replies, in the order of the questions. `nowMs`: the present time that the questions name; default: that of the clock.
   * Throws an AdapterError, and the reason of the signal.
   */
  async askAll(questions: readonly Question[], nowMs?: number): Promise<readonly Reply[]> {
    const replies: (Reply | undefined)[] = questions.map(() => undefined);
    for (let open = [...questions.keys()]; open.length > 0; ) {
      if (this.#hasGivenUp()) {
        for (const at of open) replies[at] = { kind: 'given-up' };
        break;
      }
      const suspects = await this.#askMany(open, questions, replies, nowMs);
      if (suspects.length > 0) await this.#askAlone(suspects, questions, replies, nowMs);
      open = open.filter((at) => replies[at] === undefined);
    }
    return replies.map((reply) => reply ?? { kind: 'given-up' });
  }

  /** One question at a time, for what depends on earlier answers. */
  async ask(op: Op, args: Args): Promise<Reply> {
    const [reply] = await this.askAll([{ op, args: () => args }]);
    return reply ?? { kind: 'given-up' };
  }

  /** Ends the input of the adapter and resolves to the children that it left. Throws an AdapterError. */
  async finish(): Promise<readonly string[]> {
    const left = await this.#adapter.finish();
    return left.map(({ pid, command }) => `${pid} (${command})`);
  }

  /** Ends the adapter at once. */
  async stop(): Promise<void> {
    await this.#adapter.stop();
  }

  /** Places of the questions that were open when the adapter was lost. */
  async #askMany(
    open: readonly number[],
    questions: readonly Question[],
    replies: (Reply | undefined)[],
    nowMs: number | undefined,
  ): Promise<readonly number[]> {
    const suspects: number[] = [];
    const places = open.values();
    let isLost = false;
    const lane = async (): Promise<void> => {
      for (const at of places) {
        const question = questions[at];
        if (question === undefined || isLost) return;
        try {
          replies[at] = await this.#askOnce(question, nowMs);
        } catch (error) {
          if (!(error instanceof AdapterLostError || error instanceof NotAskedError)) throw error;
          if (error instanceof AdapterLostError) suspects.push(at);
          isLost = true;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, open.length) }, lane));
    if (isLost) await this.#restart();
    return suspects.sort((a, b) => a - b);
  }

  async #askAlone(
    suspects: readonly number[],
    questions: readonly Question[],
    replies: (Reply | undefined)[],
    nowMs: number | undefined,
  ): Promise<void> {
    let found = false;
    for (const at of suspects) {
      const question = questions[at];
      if (question === undefined || this.#hasGivenUp()) return;
      try {
        replies[at] = await this.#askOnce(question, nowMs);
      } catch (error) {
        if (!(error instanceof AdapterLostError || error instanceof NotAskedError)) throw error;
        found = true;
        replies[at] = { kind: 'lost', how: error.message };
        this.#count(error);
        await this.#restart();
      }
    }
    if (found) return;
    // Together they end it, alone they do not.
    this.#losses += 1;
    const first = suspects[0];
    if (first !== undefined && this.#losses > 1)
      replies[first] = {
        kind: 'lost',
        how: 'the adapter is lost under many requests at a time, not under single ones',
      };
  }

  async #askOnce({ op, args }: Question, nowMs: number | undefined): Promise<Reply> {
    const fromMs = this.#options.clock();
    const answer = await this.#adapter.ask(op, args(nowMs ?? fromMs));
    return { kind: 'answered', answer, fromMs, toMs: this.#options.clock() };
  }

  #count(error: Error): void {
    this.#losses += 1;
    if (error instanceof AdapterLostError && error.code === 'silent') this.#silent += 1;
  }

  #hasGivenUp(): boolean {
    return this.#losses >= MOST_LOSSES || this.#silent >= MOST_SILENT;
  }

  async #restart(): Promise<void> {
    await this.#adapter.stop();
    this.#adapter = (await startAdapter(this.#line, this.#options)).adapter;
  }
}
