/** The library that a run judges, as a part: an adapter, by default that of the reference. */

import { fileURLToPath } from 'node:url';
import { packageFile } from '../../conformance/util/package-file.ts';
import { printable } from '../../conformance/util/printable.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { checkWhole, optionalDuration } from '../options/options.ts';
import { libraryScenarios } from './catalogues.ts';
import { identityOf, type OpenPart, type Part } from './part.ts';

/** What a command line says about the library. */
export interface LibraryOptions {
  /** The command that starts the adapter. Default: that of the reference. */
  readonly exec: string | undefined;
  /** A duration. Default 10s. */
  readonly startTimeout?: string | undefined;
  /** A duration. Default 10s. */
  readonly deadline?: string | undefined;
  /** Of the generated input. Default 1. */
  readonly seed?: number | undefined;
  readonly retries: number;
}

const START_MS = 10_000;
const ANSWER_MS = 10_000;
const SEED = 1;

/** Throws UsageError. */
export async function libraryPart(options: LibraryOptions): Promise<Part> {
  const { exec, retries } = options;
  const startMs = optionalDuration(options.startTimeout, '--start-timeout') ?? START_MS;
  const answerMs = optionalDuration(options.deadline, '--deadline') ?? ANSWER_MS;
  const catalogue = await libraryScenarios(checkWhole(options.seed ?? SEED, '--seed', 0));
  const isStarted = exec !== undefined;
  return {
    catalogue,
    identity: identityOf('library', exec ?? '', isStarted),
    isStarted,
    open: async (): Promise<OpenPart> => {
      const [{ JudgedRecorder }, { judgeLibrary }] = await Promise.all([
        import('../../conformance/index.ts'),
        import('../../conformance/libraries/run/judge-library.ts'),
      ]);
      const name = exec === undefined ? 'of the reference' : printable(exec);
      return {
        provenance: { name, command: 'library', replay: exec === undefined ? '' : `--exec ${quoted(exec)}` },
        judge: async function* ({ provenance, ...run }) {
          const recorder = new JudgedRecorder({ ...provenance, name });
          const events = judgeLibrary(exec ?? referenceLine(), {
            ...{ ...run, catalogue, retries, startMs, answerMs },
            clock: Date.now,
          });
          for await (const event of events) yield* recorder.take(event);
        },
        close: async () => {},
      };
    },
  };
}

/** Starts the adapter of the reference with this Node.js. */
function referenceLine(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const program = packageFile(isSource ? 'docs/adapters/reference.ts' : 'dist/docs/adapters/reference.js');
  return [process.execPath, ...process.execArgv, fileURLToPath(program)].map(quoted).join(' ');
}
