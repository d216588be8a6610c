/** The library that a run judges, as a part: an adapter, by default that of the reference. */

import { fileURLToPath } from 'node:url';
import { packageFile } from '../../conformance/util/package-file.ts';
import { printable } from '../../conformance/util/printable.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { checkMilliseconds, checkSeconds, checkWhole } from '../options/options.ts';
import { allLibraryScenarios } from './catalogues.ts';
import { identityOf, type OpenPart, type Part } from './part.ts';

/** What a command line says about the library. */
export interface LibraryOptions {
  /** The command that starts the adapter. Default: that of the reference. */
  readonly exec: string | undefined;
  /** In seconds. Default 10. */
  readonly startTimeout?: number | undefined;
  /** In milliseconds. Default 10 000. */
  readonly deadline?: number | undefined;
  /** Of the generated input. Default 1. */
  readonly seed?: number | undefined;
  readonly retries: number;
}

const START_SECONDS = 10;
const ANSWER_MS = 10_000;
const SEED = 1;

/** Throws UsageError. */
export function libraryPart(options: LibraryOptions): Part {
  const { exec, retries } = options;
  const { startTimeout = START_SECONDS, deadline = ANSWER_MS, seed = SEED } = options;
  const startMs = checkSeconds(startTimeout, '--start-timeout');
  const answerMs = checkMilliseconds(deadline, '--deadline');
  const catalogue = allLibraryScenarios(checkWhole(seed, '--seed', 0));
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
