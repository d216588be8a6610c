/**
 * Corpora: inputs that a campaign begins with. In a folder, *.bin is what one connection sends, *.json is a case or a finding,
 * and *.pcap, *.pcapng and *.cap are captures of traffic; a single capture is a corpus, too. Without inputs, a campaign begins with the corpus of the kit and the test vectors.
 */

import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../../conformance/util/package-file.ts';
import { printable, printablePath } from '../../../conformance/util/printable.ts';
import type { MessageName, Run } from '../../../conformance/vectors/build/vector.ts';
import type { Case, ConnectionActions } from '../../../fuzz/index.ts';
import { similarName } from '../../core/check-command-line.ts';
import { codeOf, UsageError } from '../../core/errors.ts';
import { decodeText, MAX_FILE_BYTES, readBytes } from '../../core/read-file.ts';
import { readCapture } from './capture.ts';

/** The most bytes that all files of a corpus have together, inclusive. A campaign holds every case in memory. */
export const MAX_CORPUS_BYTES = MAX_FILE_BYTES;
/** The port of the protocol. */
export const DEFAULT_CAPTURE_PORT = 1003;
/** How many files are read at a time. */
const READ_AT_A_TIME = 16;

/** What a folder, or a capture, holds. */
export interface CorpusInputs {
  readonly inputs: readonly CorpusInput[];
  /** Lines for a person about the captures. */
  readonly notes: readonly string[];
}

export interface CorpusInput {
  /** The path of the file. */
  readonly file: string;
  readonly value: Case;
}

/**
 * The inputs of a folder, in the order of their names, or of a capture. `capturePort`: the port that the clients of a capture
 * connected to. Throws a UsageError for a path that does not exist or cannot be read, and for a file that is not an input.
 */
export async function readCorpus(path: string, capturePort: number): Promise<CorpusInputs> {
  const names = (await isFile(path)) ? undefined : await namesIn(path);
  const files = names
    ?.filter((name) => INPUT.test(name) && name !== 'index.json')
    .map((name) => join(path, name));
  const { actionsOf } = await import('../../../fuzz/index.ts');
  const inputs: CorpusInput[] = [];
  const notes: string[] = [];
  let left = MAX_CORPUS_BYTES;
  const take = (bytes: number): void => {
    left -= bytes;
    if (left < 0)
      throw new UsageError(
        `${printablePath(path)}: the inputs have more than ${MAX_CORPUS_BYTES} bytes together`,
      );
  };
  const captures = files === undefined ? [path] : files.filter((file) => CAPTURE.test(file)).sort();
  const others = files?.filter((file) => !CAPTURE.test(file)).sort() ?? [];
  for (let at = 0; at < others.length; at += READ_AT_A_TIME) {
    const some = others.slice(at, at + READ_AT_A_TIME);
    const contents = await Promise.all(some.map((file) => readBytes(file, { onlyRegular: true })));
    // Before they are parsed: a long file may hold millions of frames.
    for (const bytes of contents) take(bytes.length);
    for (const [index, bytes] of contents.entries()) {
      const file = some[index] ?? '';
      inputs.push({ file, value: await caseIn(file, bytes) });
    }
  }
  for (const file of captures) {
    const { streams, note } = await readCapture(file, capturePort);
    notes.push(note);
    for (const bytes of streams) {
      take(bytes.length);
      inputs.push({ file, value: { arrangement: 'at-once', connections: [actionsOf(bytes)] } });
    }
  }
  return { inputs, notes };
}

/** Whether the path names a file, which then has to be a capture. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** Whether the file of an input is a capture, which holds several. */
export function isCapture(file: string): boolean {
  return !/\.(?:bin|json)$/.test(file);
}

const CAPTURE = /\.(?:pcap|pcapng|cap)$/;
const INPUT = /\.(?:bin|json|pcap|pcapng|cap)$/;

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      throw new UsageError(`${printablePath(dir)} does not exist; ${await hintFor(dir)}`);
    throw new UsageError(`${printablePath(dir)} is not a folder that can be read (${codeOf(error)})`);
  }
}

/** A folder with a similar name next to it, or how to begin a corpus. */
async function hintFor(dir: string): Promise<string> {
  const path = resolve(dir);
  const entries = await readdir(dirname(path), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const similar = similarName(basename(path), folders);
  return similar ?? 'to begin a new corpus, create the folder with mkdir';
}

/** The case in a file, which is named in the UsageError for one that holds none. */
export async function caseIn(file: string, bytes: Buffer): Promise<Case> {
  const { actionsOf, CaseError, readCase } = await import('../../../fuzz/index.ts');
  if (file.endsWith('.bin')) return { arrangement: 'at-once', connections: [actionsOf(bytes)] };
  try {
    const json: unknown = JSON.parse(decodeText(bytes));
    const value = typeof json === 'object' && json !== null && 'case' in json ? json.case : json;
    return readCase(value);
  } catch (error) {
    if (!(error instanceof CaseError || error instanceof SyntaxError)) throw error;
    throw new UsageError(`${printablePath(file)}: ${printable(error.message)}`);
  }
}

const KIT_CORPUS = fileURLToPath(packageFile('fixtures/corpus'));

/** Frame types of the messages that are the payload of a frame. Other vectors are parts of a message, or files. */
const TYPES: Partial<Readonly<Record<MessageName, number>>> = {
  SubmitRequest: 1,
  SubmitResponse: 2,
  TaskStatusUpdate: 3,
  TaskResultMessage: 4,
};
/** In bytes. Vectors at the caps of the protocol are left out: they slow a campaign down, and a run sends them anyway. */
const LONGEST_VECTOR = 64 * 1024;

/** The corpus of the kit, and what the test vectors put on the wire. */
export async function readDefaultCorpus(): Promise<Case[]> {
  const { inputs } = await readCorpus(KIT_CORPUS, DEFAULT_CAPTURE_PORT);
  return [...inputs.map(({ value }) => value), ...(await vectorCases())];
}

async function vectorCases(): Promise<Case[]> {
  const [{ actionsOf, EXACT }, { expandedSize, expandHex, payloadBytes, vectorFile }] = await Promise.all([
    import('../../../fuzz/index.ts'),
    import('../../../conformance/vectors/load.ts'),
  ]);
  const connections: ConnectionActions[] = [];
  const add = (runs: string | readonly Run[]): void => {
    if (expandedSize(runs) <= LONGEST_VECTOR) connections.push(actionsOf(expandHex(runs)));
  };
  for (const vector of vectorFile('vectors/frames').vectors)
    add('stream_hex' in vector ? vector.stream_hex : vector.stream_runs);
  for (const vector of vectorFile('vectors/encode').vectors)
    add('frame_hex' in vector ? vector.frame_hex : vector.frame_runs);
  for (const vector of vectorFile('vectors/decode').vectors) {
    const type = TYPES[vector.message];
    const size = expandedSize('payload_hex' in vector ? vector.payload_hex : vector.payload_runs);
    if (type !== undefined && size <= LONGEST_VECTOR)
      connections.push([{ do: 'frame', type, declared: EXACT, payload: payloadBytes(vector) }]);
  }
  return connections.map((actions) => ({ arrangement: 'at-once', connections: [actions] }));
}
