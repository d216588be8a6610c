/**
 * Asks an adapter many questions, and survives its end: when it is lost, each request that was open is asked again, alone and on
 * a new process, to find the one that it does not survive.
 */

import type { Loss } from '../judge/overall.ts';
import { type Adapter, type AdapterOptions, startAdapter } from '../pipe/adapter.ts';
import { AdapterLostError, NotAskedError } from '../pipe/adapter-error.ts';
import type { Answer, Args, Hello, Op } from '../pipe/interface.ts';

/** Requests at a time. */
const LANES = 64;
/** Most losses in a run, and most of them by silence, each of which takes the whole deadline. */
const MOST_LOSSES = 12;
const MOST_SILENT = 3;

/** One question, made when it is sent. */
export interface Question {
  /** The id of the scenario that asks it. */
  readonly id: string;
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
  readonly #losses: Loss[] = [];
  /** The first question that was answered, and the id of the last one. */
  #first: Question | undefined;
  #last: string | undefined;
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
   * Adds the reply to each question to `replies` as it comes, so that they are there also after an error. `nowMs`: the present time
   * that the questions name; default: that of the clock. Throws an AdapterError, and the reason of the signal.
   */
  async askAll(questions: readonly Question[], replies: Map<Question, Reply>, nowMs?: number): Promise<void> {
    for (let open = questions; open.length > 0; open = open.filter((one) => !replies.has(one))) {
      if (this.#hasGivenUp()) {
        for (const one of open) replies.set(one, { kind: 'given-up' });
        return;
      }
      await this.#askMany(open, replies, nowMs);
    }
  }

  /** One question at a time, for what depends on earlier answers. */
  async ask(question: Question): Promise<Reply> {
    const replies = new Map<Question, Reply>();
    await this.askAll([question], replies);
    return replies.get(question) ?? { kind: 'given-up' };
  }

  /** All losses until now. */
  get losses(): readonly Loss[] {
    return this.#losses;
  }

  /** Asks once more what was answered first, which shows whether the process has survived its last answer. */
  async probe(): Promise<void> {
    if (this.#first !== undefined) await this.ask(this.#first);
  }

  /** Ends the input of the adapter and resolves to the children that it left. Throws an AdapterError. */
  async finish(): Promise<readonly string[]> {
    const { loss } = this.#adapter;
    if (loss !== undefined) this.#record(loss, idleSince(this.#last));
    const left = await this.#adapter.finish();
    return left.map(({ pid, command }) => `${pid} (${command})`);
  }

  /** Ends the adapter at once. */
  async stop(): Promise<void> {
    await this.#adapter.stop();
  }

  /** Asks until all are answered or the adapter is lost. Then it is started again, and finds what it does not survive. */
  async #askMany(
    open: readonly Question[],
    replies: Map<Question, Reply>,
    nowMs: number | undefined,
  ): Promise<void> {
    const suspects: Question[] = [];
    const questions = open.values();
    let loss: AdapterLostError | undefined;
    const lane = async (): Promise<void> => {
      for (const question of questions) {
        if (loss !== undefined) return;
        try {
          replies.set(question, await this.#askOnce(question, nowMs));
        } catch (error) {
          if (error instanceof AdapterLostError) suspects.push(question);
          loss = lossIn(error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, open.length) }, lane));
    if (loss === undefined) return;
    const last = this.#last;
    await this.#restart();
    if (await this.#askAlone(suspects, replies, nowMs)) return;
    const [first] = suspects;
    this.#record(loss, first === undefined ? idleSince(last) : openWith(first.id, suspects.length));
  }

  /** Whether one of them ends it. */
  async #askAlone(
    suspects: readonly Question[],
    replies: Map<Question, Reply>,
    nowMs: number | undefined,
  ): Promise<boolean> {
    let isFound = false;
    for (const question of suspects)
      while (!replies.has(question) && !this.#hasGivenUp()) {
        try {
          replies.set(question, await this.#askOnce(question, nowMs));
        } catch (error) {
          const loss = lossIn(error);
          if (error instanceof AdapterLostError) {
            isFound = true;
            replies.set(question, { kind: 'lost', how: loss.message });
            this.#record(loss, `at ${question.id}`, question.id);
          } else this.#record(loss, idleSince(this.#last));
          await this.#restart();
        }
      }
    return isFound;
  }

  async #askOnce(question: Question, nowMs: number | undefined): Promise<Reply> {
    const { id, op, args } = question;
    const fromMs = this.#options.clock();
    const answer = await this.#adapter.ask(op, args(nowMs ?? fromMs));
    this.#first ??= question;
    this.#last = id;
    return { kind: 'answered', answer, fromMs, toMs: this.#options.clock() };
  }

  #record({ code, message }: AdapterLostError, when: string, by?: string): void {
    this.#losses.push({ code, how: message, when, ...(by !== undefined && { by }) });
  }

  #hasGivenUp(): boolean {
    const silent = this.#losses.filter(({ code }) => code === 'silent').length;
    return this.#losses.length >= MOST_LOSSES || silent >= MOST_SILENT;
  }

  async #restart(): Promise<void> {
    await this.#adapter.stop();
    this.#adapter = (await startAdapter(this.#line, this.#options)).adapter;
  }
}

/** Throws every error that is no loss. */
function lossIn(error: unknown): AdapterLostError {
  if (error instanceof AdapterLostError) return error;
  if (error instanceof NotAskedError) return error.loss;
  throw error;
}

function openWith(id: string, count: number): string {
  return count === 1
    ? `while ${id} was asked, but not when it was asked again`
    : `while ${id} and ${count - 1} more were asked, but by none of them alone`;
}

function idleSince(id: string | undefined): string {
  return `while no request was open${id === undefined ? '' : `, after the answer to ${id}`}`;
}
