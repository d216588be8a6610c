/** `conform corpus minimise`: keeps of the inputs of a folder those that make the target behave differently. */

import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EXIT, EXIT_MEANINGS, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { counted } from '../../conformance/util/counted.ts';
import { makeFolder } from '../../conformance/util/folders.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import type { MinimisedCorpus } from '../../fuzz/index.ts';
import { command, type Given } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { checkOutputFolder, closeQuietly } from '../core/output-files.ts';
import { readBytes } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';
import { type CorpusInput, isCapture, readCorpus } from '../fuzz/corpus/corpus.ts';
import { CAPTURE_PORT } from '../fuzz/options.ts';
import { calibrated, deadlineOf, FUZZ_TARGET_OPTIONS, type OpenTarget, openTarget } from '../fuzz/target.ts';

const OPTIONS = {
  ...FUZZ_TARGET_OPTIONS,
  'capture-port': { ...CAPTURE_PORT, group: 'Corpus:' },
  output: {
    type: 'string',
    requiresArg: true,
    group: 'Corpus:',
    describe: 'Write the inputs that are kept into this folder, which has to be empty or new',
  },
  'in-place': {
    type: 'boolean',
    default: false,
    group: 'Corpus:',
    describe: 'Delete the other inputs from the folder, and name each',
  },
} as const;

export const corpusCommand = command({
  usage: 'corpus <action> <dir>',
  configured: 'replay',
  onSignal: 'stops',
  describe: 'Minimise a folder of inputs to the smallest of each behaviour',
  exits: {
    success: 'all inputs were sent',
    unreachable: EXIT_MEANINGS.unreachable,
    incomplete: 'the target answers no legal SUBMIT',
    interrupted: 'interrupted; no file was changed',
  },
  positionals: {
    action: { choices: ['minimise'] as const, demandOption: true, describe: 'What to do' },
    dir: { type: 'string', demandOption: true, describe: 'Folder of inputs, or a capture of traffic' },
  },
  options: OPTIONS,
  conflicts: [
    ['target', 'exec'],
    ['exec', 'pid'],
  ],
  examples: [
    ['$0 corpus minimise my-corpus --target 127.0.0.1:1003', 'count, and change nothing'],
    ['$0 corpus minimise traffic.pcap --output my-corpus', 'a corpus from a capture'],
  ],
  run: async (options, context) => {
    const { dir, output, inPlace } = options;
    if (output !== undefined && inPlace) throw new UsageError('give --output or --in-place, not both');
    const { inputs, notes } = await readCorpus(dir, options.capturePort);
    for (const note of notes) context.err(`conform: ${note}\n`);
    if (inputs.length === 0) throw new UsageError(`${printablePath(dir)} contains no input`);
    if (inPlace && inputs.every(({ file }) => file === dir))
      throw new UsageError('a capture cannot be minimised in place; give --output');
    if (output !== undefined) await checkEmpty(output);
    const opened = await openTarget(options, context);
    try {
      return await minimise(inputs, opened, options, context);
    } finally {
      await closeQuietly(opened.close, context);
    }
  },
});

async function checkEmpty(output: string): Promise<void> {
  await checkOutputFolder('--output', output);
  const names = await readdir(output).catch(() => []);
  if (names.length > 0) throw new UsageError(`--output ${printable(output)} is not empty`);
}

async function minimise(
  inputs: readonly CorpusInput[],
  opened: OpenTarget,
  options: Given<typeof OPTIONS>,
  context: Context,
): Promise<ExitStatus> {
  const { caseSize, minimiseCorpus, TargetLostError } = await import('../../fuzz/index.ts');
  const settings = { deadlineMs: deadlineOf(options), onlyLoopback: !options.iOwnThisTarget };
  const result = await calibrated(opened.target, settings, context);
  if (typeof result === 'number') return result;
  context.out(`minimising ${counted(inputs.length, 'input')} on ${opened.name}\n`);
  let minimised: MinimisedCorpus;
  try {
    minimised = await minimiseCorpus({ ...result, inputs: inputs.map(({ value }) => value) });
  } catch (error) {
    if (context.interrupted.aborted) return EXIT.interrupted;
    if (!(error instanceof TargetLostError)) throw error;
    context.err(`conform: ${error.message}: ${printable(error.symptom.detail)}; no file was changed\n`);
    return EXIT.unreachable;
  }
  const { kept, signatures } = minimised;
  const some = kept.flatMap((place) => inputs[place] ?? []);
  const sizeOf = (list: readonly CorpusInput[]): number =>
    list.reduce((sum, { value }) => sum + caseSize(value), 0);
  context.out(
    `${kept.length} of ${counted(inputs.length, 'input')} show all ${counted(signatures, 'signature')}: ${sizeOf(some)} of ${counted(sizeOf(inputs), 'byte')}\n`,
  );
  const { output, inPlace } = options;
  if (output !== undefined) await copy(some, output, context);
  else if (inPlace) await remove(inputs, some, context);
  else context.out('nothing was changed; --output DIR writes them, and --in-place deletes the others\n');
  return EXIT.success;
}

/** Copies files as they are; of a capture, each stream becomes a file. */
async function copy(inputs: readonly CorpusInput[], output: string, context: Context): Promise<void> {
  const { encodeActions } = await import('../../fuzz/index.ts');
  makeFolder(output);
  for (const { file, value } of inputs) {
    const isStream = isCapture(file);
    const bytes = isStream
      ? encodeActions(value.connections[0] ?? [])
      : await readBytes(file, { onlyRegular: true });
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
    await replaceFile(join(output, isStream ? `${digest}.bin` : basename(file)), bytes);
  }
  context.out(`written into ${printable(output)}\n`);
}

async function remove(
  inputs: readonly CorpusInput[],
  kept: readonly CorpusInput[],
  context: Context,
): Promise<void> {
  const files = new Set(kept.map(({ file }) => file));
  for (const { file } of inputs) {
    if (files.has(file) || isCapture(file)) continue;
    await rm(file);
    context.out(`deleted ${printablePath(file)}\n`);
  }
}
