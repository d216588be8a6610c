/**
 * Reads the files that a user names. They may be of any kind, of any size, and text in any usual encoding. What cannot be
 * read is one line, with exit status 2.
 */

import { closeSync, constants, createReadStream, fstatSync, openSync, read as readCallback } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import { codeOf, UsageError } from './errors.ts';

/** The most bytes that are read from one file, inclusive: four frames of the greatest size. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Without O_NONBLOCK, opening a pipe occupies a thread until another program opens the other end. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'a link in its path leads back to itself',
  ENOENT: 'no such file',
  ENOTDIR: 'a part of its path is not a directory',
  ENXIO: 'it is a socket, or a device that is absent',
};

export interface ReadOptions {
  /** Default: MAX_FILE_BYTES. */
  readonly most?: number;
  /** Refuse pipes and devices, which may never end, and which one name in a folder should not open. Default false. */
  readonly onlyRegular?: boolean;
  /** Ends the wait for a pipe; the read then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The bytes of a file, a pipe or a device. Throws a UsageError that names the file. */
export async function readBytes(file: string, options: ReadOptions = {}): Promise<Buffer> {
  const bytes = await read(file, options);
  if (bytes === undefined) throw unreadable(file, 'ENOENT');
  return bytes;
}

/** As `readBytes`, for text: UTF-8, or UTF-16 with a byte order mark. */
export async function readText(file: string, options?: ReadOptions): Promise<string> {
  return decodeText(await readBytes(file, options));
}

/** As `readText`; undefined if there is no such file. */
export async function readTextIfAny(file: string, options: ReadOptions = {}): Promise<string | undefined> {
  const bytes = await read(file, options);
  return bytes === undefined ? undefined : decodeText(bytes);
}

/** Text of a file: UTF-8, or UTF-16 with a byte order mark, as PowerShell writes it. The mark is removed. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}

/** Everything that a stream yields. Throws a UsageError for more than `most` bytes, and the reason of the signal. */
export function readStream(
  stream: AsyncIterable<Buffer>,
  name: string,
  { most = MAX_FILE_BYTES, signal }: ReadOptions = {},
): Promise<Buffer> {
  return unlessAborted(concat(stream, name, most), signal);
}

async function concat(stream: AsyncIterable<Buffer>, name: string, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > most) throw tooLarge(name, most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function read(
  file: string,
  { most = MAX_FILE_BYTES, onlyRegular = false, signal }: ReadOptions,
): Promise<Buffer | undefined> {
  let descriptor: number;
  try {
    descriptor = openSync(file, READ_FLAGS);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unreadable(file, codeOf(error));
  }
  let isOwned = true;
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw unreadable(file, 'EISDIR');
    if (stats.isFile() && stats.size > most) throw tooLarge(printablePath(file), most);
    if (stats.isFile() && stats.size > 0) return await readWhole(descriptor, stats.size);
    if (!stats.isFile() && onlyRegular)
      throw new UsageError(`${printablePath(file)}: it is a pipe or a device, and must be a file`);
    isOwned = false;
    // A socket waits for the other end of a pipe without a thread, so that a signal can end the process meanwhile.
    const stream = stats.isFIFO()
      ? new Socket({ fd: descriptor, readable: true, writable: false })
      : createReadStream(file, { fd: descriptor });
    return await readStream(stream, printablePath(file), { most, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UsageError) throw error;
    throw unreadable(file, codeOf(error));
  } finally {
    if (isOwned) closeSync(descriptor);
  }
}

const readPart = promisify(readCallback);

/** The first `size` bytes, or fewer if the file became shorter. */
async function readWhole(descriptor: number, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  for (;;) {
    const { bytesRead } = await readPart(descriptor, bytes, length, size - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === size) return bytes.subarray(0, length);
  }
}

function unreadable(file: string, code: string): UsageError {
  return new UsageError(`${printablePath(file)}: ${REASONS[code] ?? code}`);
}

function tooLarge(name: string, most: number): UsageError {
  return new UsageError(`${name}: more than ${most} bytes, which is the most that is read`);
}
