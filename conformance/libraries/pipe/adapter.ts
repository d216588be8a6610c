/**
 * A running adapter: requests in, answers out, many at a time. It reads while it writes, keeps what is open within bounds, and
 * takes answers in any order. The process and its children end with it.
 */

import type { Writable } from 'node:stream';
import { Output } from '../../observers/output.ts';
import { type LeftProcess, ProcessGroup } from '../../observers/process-group.ts';
import { parseJson } from '../../payload/parse-json.ts';
import { combinedSignal } from '../../util/combined-signal.ts';
import { printable } from '../../util/printable.ts';
import { AdapterError, AdapterLostError, NotAskedError } from './adapter-error.ts';
import { largestAnswer } from './answer-size.ts';
import { type Answer, type Args, type Hello, isObject, readHello } from './interface.ts';
import { LineSplitter } from './line-splitter.ts';

const MiB = 1024 * 1024;
/** Most requests that are not yet answered, and most bytes of them, or of their answers. A larger one is sent alone. */
const MOST_REQUESTS = 64;
const MOST_BYTES = 32 * MiB;
/** Most bytes of one answer: a frame of 16 MiB in hex is 32 MiB. */
const MOST_LINE_BYTES = 40 * MiB;
/** How long the adapter may take to end after its input has ended. */
const END_MS = 5000;
/** How long the output of a process that has ended may stay open, because a child holds it. */
const CLOSE_MS = 500;
const SHOWN_CHARACTERS = 120;
/** A line of an error report that says more than where it happened. */
const TELLS_WHY = /^\S*(?:Error|Exception|panic|fatal)\b|overflow|not found|No such file/;

export interface AdapterOptions {
  /** How long the adapter may take until it answers `hello`, in milliseconds. */
  readonly startMs: number;
  /** How long no answer may come while requests are open, in milliseconds. */
  readonly answerMs: number;
  /** When it fires, open requests are rejected with its reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Open {
  readonly op: string;
  /** Of the request, or of the largest answer if that is larger. */
  readonly bytes: number;
  /** Most bytes of the answer. */
  readonly mostBytes: number;
  readonly settle: (answer: Answer) => void;
  readonly fail: (reason: unknown) => void;
}

/**
 * Passes the line to the shell and asks `hello`. Throws an AdapterError if the command ends, does not answer in time or breaks
 * the interface, and the reason of the signal.
 */
export async function startAdapter(
  line: string,
  options: AdapterOptions,
): Promise<{ readonly adapter: Adapter; readonly hello: Hello }> {
  const adapter = await Adapter.start(line, options);
  try {
    const hello = readHello(await adapter.ask('hello', {}));
    if (typeof hello === 'string') throw new AdapterError('hello', hello);
    adapter.answerMs = options.answerMs;
    return { adapter, hello };
  } catch (error) {
    await adapter.stop();
    if (!(error instanceof AdapterLostError)) throw error;
    throw new AdapterError('not-started', `${error.message}, and did not answer hello before`);
  }
}

export class Adapter {
  readonly #group: ProcessGroup;
  readonly #input: Writable;
  readonly #said: Output | undefined;
  readonly #lines = new LineSplitter(MOST_LINE_BYTES);
  readonly #open = new Map<number, Open>();
  /** Those that wait until fewer requests are open, the first one first. */
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  readonly #signal: AbortSignal | undefined;
  #answerMs: number;
  #openBytes = 0;
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;
  #broken: { readonly reason: unknown } | undefined;

  private constructor(group: ProcessGroup, input: Writable, { startMs, signal }: AdapterOptions) {
    this.#group = group;
    this.#input = input;
    this.#signal = signal;
    this.#answerMs = startMs;
    const [output, error] = group.output;
    this.#said = error && new Output(error);
    // A process that has ended takes no more input; its end shows elsewhere.
    input.on('error', () => {});
    output?.on('data', (chunk: Buffer) => this.#take(chunk));
    output?.on('close', () => void this.#exitWithin(CLOSE_MS).then(() => this.#break(this.#lost('ended'))));
    const onExit = () => void group.closedWithin(CLOSE_MS).then(() => this.#break(this.#lost('ended')));
    group.exit.addEventListener('abort', onExit);
    signal?.addEventListener('abort', this.#onSignal);
  }

  /** For `startAdapter`. */
  static async start(line: string, options: AdapterOptions): Promise<Adapter> {
    options.signal?.throwIfAborted();
    const group = await ProcessGroup.start(line, { hasInput: true });
    if (group.input === undefined) throw new Error('the process was started without input');
    return new Adapter(group, group.input, options);
  }

  /** How it was lost; undefined if it was not. To be read before `finish` and `stop`, which end it themselves. */
  get loss(): AdapterLostError | undefined {
    const reason = this.#broken?.reason;
    return reason instanceof AdapterLostError ? reason : undefined;
  }

  /** How long no answer may come from now on, in milliseconds. */
  set answerMs(ms: number) {
    this.#answerMs = ms;
  }

  /**
   * The answer. Waits until few enough requests are open. Rejects with an AdapterLostError if the adapter ends or is silent, with
   * a NotAskedError if it did so before the request was sent, with an AdapterError if it breaks the interface, and with the reason of the signal.
   */
  ask(op: string, args: Args): Promise<Answer> {
    const body = inOneLine(JSON.stringify({ op, args }).slice(1));
    return new Promise((settle, fail) => {
      const size = Buffer.byteLength(body);
      // Some bodies have 22 MiB, and ASCII need not be encoded.
      const encoding = size === body.length ? 'latin1' : 'utf8';
      const mostBytes = Math.min(MOST_LINE_BYTES, largestAnswer(args, size));
      const bytes = Math.max(size, mostBytes);
      const go = () => this.#send(body, encoding, { op, bytes, mostBytes, settle, fail });
      if (this.#waiting.length === 0 && this.#hasRoom(bytes)) go();
      else this.#waiting.push({ bytes, go });
    });
  }

  #send(body: string, encoding: BufferEncoding, open: Open): void {
    if (this.#broken !== undefined) {
      const { reason } = this.#broken;
      open.fail(reason instanceof AdapterLostError ? new NotAskedError(reason) : reason);
      return;
    }
    this.#lastId += 1;
    if (this.#open.size === 0) this.#await();
    this.#open.set(this.#lastId, open);
    this.#openBytes += open.bytes;
    // In pieces, since to join them would copy the body.
    this.#input.cork();
    this.#input.write(`{"id":${this.#lastId},`);
    this.#input.write(body, encoding);
    this.#input.write('\n');
    this.#input.uncork();
  }

  /**
   * Ends the input, and waits until the process has ended. Resolves to the children that it left. They have ended then. Throws an
   * AdapterError 'did-not-end' after 5 s.
   */
  async finish(): Promise<readonly LeftProcess[]> {
    this.#input.end();
    await this.#exitWithin(END_MS);
    const hasEnded = this.#group.exited !== undefined;
    if (hasEnded) await this.#group.closedWithin(CLOSE_MS);
    const children = hasEnded ? await this.#group.others() : [];
    const broken = this.#broken?.reason;
    await this.stop();
    this.#signal?.throwIfAborted();
    if (broken instanceof AdapterError) throw broken;
    if (hasEnded) return children;
    throw new AdapterError(
      'did-not-end',
      `the adapter still ran ${END_MS / 1000} s after the end of its input`,
    );
  }

  /** Ends the process with its children at once. Open requests are rejected. */
  async stop(): Promise<void> {
    this.#break(this.#lost('ended'));
    await this.#group.end(true);
  }

  async #exitWithin(ms: number): Promise<void> {
    const { signal, release } = combinedSignal([this.#group.exit, this.#signal], ms);
    if (!signal.aborted)
      await new Promise<void>((go) => signal.addEventListener('abort', () => go(), { once: true }));
    release();
  }

  #hasRoom(bytes: number): boolean {
    if (this.#broken !== undefined || this.#open.size === 0) return true;
    return this.#open.size < MOST_REQUESTS && this.#openBytes + bytes <= MOST_BYTES;
  }

  /** The time without an answer begins now. */
  #await(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#break(this.#lost('silent')), this.#answerMs);
  }

  #take(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) {
      if (this.#broken !== undefined) return;
      if (line.kind === 'too-long')
        this.#break(this.#wrong('no-answer', `wrote a line of more than ${MOST_LINE_BYTES / MiB} MiB`));
      else if (line.text.trim() !== '') this.#answer(line.text);
    }
  }

  #answer(text: string): void {
    const shown = printable(text, SHOWN_CHARACTERS);
    const isTooLarge = (mostBytes: number): boolean => {
      if (text.length <= mostBytes) return false;
      const what = `wrote a line of ${text.length} characters, and an answer to what was asked has at most ${mostBytes}`;
      this.#break(this.#wrong('no-answer', `${what}: ${shown}`));
      return true;
    };
    if (
      this.#open.size > 0 &&
      isTooLarge(Math.max(...[...this.#open.values()].map((open) => open.mostBytes)))
    )
      return;
    const message = parsed(text);
    if (message === undefined) {
      this.#break(this.#wrong('no-answer', `wrote what is no answer: ${shown}`));
      return;
    }
    const { id } = message;
    const open = typeof id === 'number' ? this.#open.get(id) : undefined;
    if (typeof id !== 'number' || open === undefined) {
      const isOld = typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= this.#lastId;
      const what = isOld ? `answered request ${id} twice` : 'answered a request that was not asked';
      this.#break(this.#wrong('unasked', `${what}: ${shown}`));
      return;
    }
    if (isTooLarge(open.mostBytes)) return;
    const answer = answerIn(message);
    if (answer === undefined) {
      const why = `answered request ${id} (${open.op}) with neither "ok" nor "unsupported": ${shown}`;
      this.#break(this.#wrong('no-answer', why));
      return;
    }
    this.#open.delete(id);
    this.#openBytes -= open.bytes;
    if (this.#open.size > 0) this.#timer?.refresh();
    else clearTimeout(this.#timer);
    open.settle(answer);
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#hasRoom(next.bytes)) return;
      this.#waiting.shift();
      next.go();
    }
  }

  #break(reason: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = { reason };
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onSignal);
    for (const { fail } of this.#open.values()) fail(reason);
    this.#open.clear();
    this.#admit();
  }

  readonly #onSignal = (): void => this.#break(this.#signal?.reason);

  #lost(code: 'ended' | 'silent'): AdapterLostError {
    const { code: status, signal } = this.#group.exited ?? {};
    const how = signal ? ` by ${signal}` : typeof status === 'number' ? ` with exit status ${status}` : '';
    const what = code === 'ended' ? `ended${how}` : `did not answer within ${this.#answerMs} ms`;
    const lines = this.#said?.lines ?? [];
    const last = lines.findLast((line) => TELLS_WHY.test(line)) ?? lines.at(-1);
    const said = last === undefined ? '' : ` (${printable(last, SHOWN_CHARACTERS)})`;
    return new AdapterLostError(code, `the adapter ${what}${said}`);
  }

  #wrong(code: 'no-answer' | 'unasked', what: string): AdapterError {
    const [first] = this.#open;
    const asked =
      first === undefined ? 'no request was open' : `request ${first[0]} (${first[1].op}) was open`;
    return new AdapterError(code, `the adapter ${what}; ${asked}`);
  }
}

/** With escapes for the characters at which readers of some languages end a line, as `readline` of Node.js 24 does. */
function inOneLine(json: string): string {
  return json.replaceAll(
    /[\u0085\u2028\u2029]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function answerIn(message: Readonly<Record<string, unknown>>): Answer | undefined {
  const { ok, value, error, unsupported } = message;
  if (unsupported === true) return { kind: 'unsupported' };
  if (ok === true) return { kind: 'value', value };
  if (ok === false) return { kind: 'refused', error: typeof error === 'string' ? error : '' };
  return undefined;
}
