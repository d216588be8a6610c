/** Fuzzers that know nothing of the protocol, for comparison: they damage golden frames. */

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageFile } from '../../conformance/util/package-file.ts';
import { seeded } from '../../conformance/util/random.ts';

const run = promisify(execFile);

/** Damaged inputs without end, some at a time. The same seed gives the same inputs. */
export type Mutator = (seed: number) => AsyncGenerator<readonly Buffer[], void>;

/** Inputs that are made at a time. */
const AT_A_TIME = 256;
/** In bytes. A larger frame slows every fuzzer down, and has no bug of its own. */
const LARGEST_FRAME = 64 * 1024;
const MOST_FLIPS = 8;

const GOLDEN = fileURLToPath(packageFile('fixtures/golden'));

/** Sets up to eight bytes of a golden frame to random values. */
export const flipBytes: Mutator = async function* (seed) {
  const random = seeded(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const frames = (await goldenFrames()).map(({ bytes }) => bytes);
  for (;;)
    yield Array.from({ length: AT_A_TIME }, () => {
      const bytes = Buffer.from(frames[below(frames.length)] ?? []);
      for (let flips = 1 + below(MOST_FLIPS); flips > 0; flips -= 1) bytes[below(bytes.length)] = below(256);
      return bytes;
    });
};

/** The program radamsa with its defaults, on the golden frames. */
export const radamsa: Mutator = async function* (seed) {
  const files = (await goldenFrames()).map(({ file }) => file);
  const folder = await mkdtemp(join(tmpdir(), 'conform-radamsa-'));
  try {
    for (let block = 0; ; block += 1) {
      const output = join(folder, '%n');
      await run('radamsa', ['-n', `${AT_A_TIME}`, '-s', `${seed * 10_000 + block}`, '-o', output, ...files]);
      const names = await readdir(folder);
      yield await Promise.all(names.map((name) => readFile(join(folder, name))));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Whether the program can be started. */
export function isInstalled(program: string): Promise<boolean> {
  return run(program, ['--help']).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

async function goldenFrames(): Promise<{ readonly file: string; readonly bytes: Buffer }[]> {
  const names = (await readdir(GOLDEN)).filter((name) => name.endsWith('.bin')).sort();
  const frames = await Promise.all(
    names.map(async (name) => ({ file: join(GOLDEN, name), bytes: await readFile(join(GOLDEN, name)) })),
  );
  return frames.filter(({ bytes }) => bytes.length > 0 && bytes.length <= LARGEST_FRAME);
}
