/**
 * Keeps connections in a folder: `connection-N.jsonl`, a transcript with all bytes, one event a line, and `traffic.pcapng`,
 * all connections for Wireshark. Each event is written before the next one is read, so nothing waits in memory.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectionPackets, captureHeader } from '../../conformance/capture/capture-writer.ts';
import { wireRecord } from '../../conformance/proxy/kept-transcript.ts';
import type { ProxiedConnection } from '../../conformance/proxy/proxy.ts';
import type { TrafficEvent } from '../../conformance/traffic/conversation.ts';
import { makeFolder } from '../../conformance/util/folders.ts';

const PCAP_SIDE = { sender: 'client', receiver: 'server' } as const;

/** One connection of a recording. */
export interface RecordedConversation {
  readonly event: (event: TrafficEvent) => void;
  readonly close: () => void;
}

export class Recording {
  readonly #folder: string;
  readonly #capture: number;
  readonly #onError: (path: string, error: unknown) => void;
  /** Whether a write failed, so that the recording is not complete. */
  isLost = false;

  /**
   * Creates the folder and its capture. Throws the error of the system. After a write that fails, `onError` is called once, and
   * nothing more is written.
   */
  constructor(folder: string, onError: (path: string, error: unknown) => void) {
    this.#folder = folder;
    this.#onError = onError;
    makeFolder(folder);
    this.#capture = openSync(join(folder, 'traffic.pcapng'), 'w', 0o600);
    this.#write(this.#capture, captureHeader());
  }

  open({ index, from, to, openedMs }: ProxiedConnection): RecordedConversation {
    const packets = new ConnectionPackets(from, to);
    // The clock of the process to that of the day.
    const offsetMs = Date.now() - performance.now();
    const path = join(this.#folder, `connection-${String(index).padStart(6, '0')}.jsonl`);
    const file = this.#attempt(path, () => openSync(path, 'w', 0o600));
    this.#write(this.#capture, packets.open(openedMs + offsetMs));
    const line = (record: object): void => {
      if (file !== undefined) this.#write(file, `${JSON.stringify(record)}\n`);
    };
    line({ kind: 'connected', atMs: 0 });
    return {
      event: (event) => {
        const side = PCAP_SIDE[event.from];
        const atMs = event.atMs + offsetMs;
        line(wireRecord(event, openedMs));
        if (event.kind === 'bytes') this.#write(this.#capture, packets.data(side, event.bytes, atMs));
        else if (event.kind === 'fin') this.#write(this.#capture, packets.fin(side, atMs));
        else if (event.kind === 'reset') this.#write(this.#capture, packets.reset(side, atMs));
      },
      close: () => {
        if (file !== undefined) closeSync(file);
      },
    };
  }

  close(): void {
    closeSync(this.#capture);
  }

  #write(file: number, data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    this.#attempt(this.#folder, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    });
  }

  #attempt<T>(path: string, action: () => T): T | undefined {
    if (this.isLost) return undefined;
    try {
      return action();
    } catch (error) {
      this.isLost = true;
      this.#onError(path, error);
      return undefined;
    }
  }
}
