/**
 * JSON Lines with transcripts: a line of a report that holds one, or the transcript of one connection with an event a line, as the
 * proxy records it. Other lines are passed over.
 */

import type { Inspected, OpenConversation } from '../../conformance/inspect/inspection.ts';
import { TranscriptReader } from '../../conformance/inspect/transcript-reader.ts';
import type { WireRecord } from '../../conformance/report/record.ts';
import type { Side } from '../../conformance/traffic/conversation.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';
import type { Reading, Source } from './reading.ts';

/** Bytes of a line, inclusive: a line of the kit is shorter. */
const MOST_LINE_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 0x0a;

/** A line as far as it matters here. */
interface Line {
  readonly record?: unknown;
  readonly id?: unknown;
  readonly command?: unknown;
  readonly target?: { readonly address?: unknown };
  /** A final record of the same scenario follows. */
  readonly provisional?: unknown;
  readonly transcript?: unknown;
}

export class TranscriptSource implements Source {
  readonly #reading: Pick<Reading, 'inspection' | 'onConversation'>;
  #parts: Buffer[] = [];
  #length = 0;
  #lines = 0;
  #conversations = 0;
  /** Of the plan above. */
  #target = 'the target';
  #keeper: Side = 'sender';
  /** The conversation whose events are lines of their own. */
  #single: { readonly conversation: OpenConversation; readonly reader: TranscriptReader } | undefined;

  constructor({ inspection, onConversation }: Pick<Reading, 'inspection' | 'onConversation'>) {
    this.#reading = { inspection, onConversation };
  }

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const found = bytes.indexOf(LINE_FEED, at);
      const end = found < 0 ? bytes.length : found;
      this.#add(bytes.subarray(at, end));
      if (found >= 0) this.#line();
      at = end + 1;
    }
  }

  end(): readonly string[] {
    let cut: string[] = [];
    if (this.#length > 0) {
      try {
        this.#line();
      } catch (error) {
        if (!(error instanceof UsageError) || this.#conversations === 0) throw error;
        cut = ['the file ends within a line; what precedes it was read'];
      }
    }
    if (this.#single !== undefined) {
      const { conversation, reader } = this.#single;
      this.#reading.onConversation(conversation.end(reader.openUntilMs));
    }
    if (this.#conversations === 0) throw new UsageError('no line holds a transcript');
    return [`${counted(this.#conversations, 'conversation')} in ${counted(this.#lines, 'line')}`, ...cut];
  }

  #add(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > MOST_LINE_BYTES)
      throw new UsageError(`line ${this.#lines + 1} has more than ${MOST_LINE_BYTES} bytes`);
    this.#parts.push(Buffer.from(part));
  }

  #line(): void {
    const text = Buffer.concat(this.#parts)
      .toString('utf8')
      .replace(/^\ufeff/, '');
    this.#parts = [];
    this.#length = 0;
    this.#lines += 1;
    if (text.trim() === '') return;
    const line = parsed(text, this.#lines);
    if (line.record === 'plan') {
      const { address } = line.target ?? {};
      this.#target = typeof address === 'string' ? printable(address, 64) : 'the target';
      this.#keeper = line.command === 'client' ? 'receiver' : 'sender';
    }
    if (isRecord(line)) this.#event(line);
    if (!Array.isArray(line.transcript) || line.provisional === true) return;
    const records = line.transcript.filter(isRecord);
    if (records.length > 0) this.#reading.onConversation(this.#conversation(line, records));
  }

  #event(record: WireRecord): void {
    if (this.#single === undefined) {
      this.#conversations += 1;
      const conversation = this.#reading.inspection.begin(
        { sender: 'the sender', receiver: 'the receiver' },
        0,
      );
      this.#single = { conversation, reader: new TranscriptReader('sender') };
    }
    const { conversation, reader } = this.#single;
    for (const event of reader.read(record)) conversation.push(event);
  }

  #conversation(line: Line, records: readonly WireRecord[]): Inspected {
    this.#conversations += 1;
    const reader = new TranscriptReader(this.#keeper);
    const kit = `the kit, ${nameIn(line.id, 'a scenario')}`;
    const [sender, receiver] = this.#keeper === 'sender' ? [kit, this.#target] : [this.#target, kit];
    const conversation = this.#reading.inspection.begin({ sender, receiver }, 0);
    for (const record of records) for (const event of reader.read(record)) conversation.push(event);
    return conversation.end(reader.openUntilMs);
  }
}

function nameIn(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? printable(value, 80) : otherwise;
}

function parsed(text: string, line: number): Line {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    throw new UsageError(`line ${line} is no JSON`);
  }
}

/** Whether an entry has what is read of it. */
function isRecord(entry: unknown): entry is WireRecord {
  if (typeof entry !== 'object' || entry === null) return false;
  const { kind, atMs, hex, total, tookMs } = entry as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !isTime(atMs)) return false;
  if (kind !== 'sent' && kind !== 'received') return true;
  return typeof hex === 'string' && isTime(total) && (kind === 'received' || isTime(tookMs));
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
