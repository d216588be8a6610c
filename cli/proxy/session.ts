/** What a proxy does with each connection: judge it, show it, count it, record it. */

import { KeptTranscript } from '../../conformance/proxy/kept-transcript.ts';
import { Later } from '../../conformance/proxy/later.ts';
import type { ProxiedConnection } from '../../conformance/proxy/proxy.ts';
import type { RelayListener } from '../../conformance/proxy/relay.ts';
import { Tally } from '../../conformance/proxy/tally.ts';
import type { Noted, TrafficEvent } from '../../conformance/traffic/conversation.ts';
import { ConversationJudge } from '../../conformance/traffic/judge.ts';
import { endLine, findingLine, frameLine } from './lines.ts';
import type { Recording } from './recording.ts';

/** What a session writes to. */
export interface SessionOutputs {
  /** Writes a line for a person. */
  readonly show: (line: string) => void;
  /** Whether only findings are shown. */
  readonly isQuiet: boolean;
  readonly recording: Recording | undefined;
}

export class ProxySession {
  readonly tally = new Tally();
  readonly #outputs: SessionOutputs;
  readonly #later = new Later();
  readonly #open = new Map<
    number,
    { readonly judge: ConversationJudge; readonly take: (noted: Noted) => void }
  >();
  /** Connections of senders for which the target could not be reached, and the code of the first. */
  unreachable: { readonly code: string; readonly count: number } | undefined;

  constructor(outputs: SessionOutputs) {
    this.#outputs = outputs;
  }

  /** As in the options of a proxy. */
  opened(connection: ProxiedConnection): RelayListener {
    const { show, isQuiet, recording } = this.#outputs;
    const { index, openedMs, from } = connection;
    const name = `#${index}`;
    const judge = new ConversationJudge();
    const transcript = new KeptTranscript(openedMs);
    const recorded = recording?.open(connection);
    const take = (noted: Noted): void => {
      this.tally.take(noted, `connection ${index}`, () => transcript.records);
      if (noted.kind === 'finding') show(`${name} ${findingLine(noted.finding)}`);
      else if (!isQuiet) show(`${name} ${frameLine(noted.frame, openedMs)}`);
    };
    const pass = (event: TrafficEvent): void => {
      recorded?.event(event);
      transcript.take(event);
      for (const noted of judge.push(event)) take(noted);
      const line = isQuiet ? undefined : endLine(event, openedMs);
      if (line !== undefined) show(`${name} ${line}`);
    };
    this.tally.connections += 1;
    this.#open.set(index, { judge, take });
    for (const one of this.#open.values()) one.judge.connections = this.#open.size;
    if (!isQuiet) show(`${name} opened by ${from.host}:${from.port}`);
    return {
      event: (event) => this.#later.push(event.kind === 'bytes' ? event.bytes.length : 0, () => pass(event)),
      failed: (code) => {
        this.unreachable = {
          code: this.unreachable?.code ?? code,
          count: (this.unreachable?.count ?? 0) + 1,
        };
        show(`${name} the target cannot be reached (${code}); the sender was reset`);
      },
      closed: () =>
        this.#later.push(0, () => {
          this.#open.delete(index);
          recorded?.close();
        }),
    };
  }

  /** Judges what waits, and ends the judgement of what is still open. */
  close(atMs: number): void {
    this.#later.flush();
    for (const { judge, take } of this.#open.values()) for (const noted of judge.close(atMs)) take(noted);
    this.#open.clear();
  }
}
