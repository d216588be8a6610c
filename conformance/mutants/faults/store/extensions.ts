/** Servers that apply wrong rules to the names of result files (R4, R6). */

import { ALLOWED_RESULT_EXTENSIONS, FORBIDDEN_RESULT_EXTENSIONS } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { dropsResults, storesResult } from '../../server/store-effects.ts';

function extensionOf(filename = ''): string {
  const dot = filename.lastIndexOf('.');
  return dot === -1 ? '' : filename.slice(dot).toLowerCase();
}

/**
 * Stores a file with an allowed extension, and one that `isAllowed` permits. Its name is a path segment, but may be no safe
 * name.
 */
function storesFilesAlsoIf(isAllowed: (filename: string, extension: string) => boolean): Replacement {
  return storesResult(
    (stored, { filename = '' }) => {
      const extension = extensionOf(filename);
      const isStored =
        stored.task.resultType !== 'file' || isKnown(extension) || isAllowed(filename, extension);
      return isStored && !filename.includes('/') ? stored : undefined;
    },
    ['extension', 'name'],
  );
}

const isKnown = (extension: string): boolean => ALLOWED_RESULT_EXTENSIONS.has(extension);
const isForbidden = (extension: string): boolean => FORBIDDEN_RESULT_EXTENSIONS.has(extension);

const FORBIDDEN_FAMILY =
  'go py js ts java c cpp h hpp rs rb php swift kt scala sh bash zsh ps1 bat cmd sql r lua pl pm ex exs clj hs ml fs cs vb dart'
    .split(' ')
    .map((extension) => `results/extension-${extension}-refused`);

export const extensions: readonly Mutant[] = [
  {
    name: 'extensions-unchecked',
    clause: 'R4',
    fault: 'The server stores a result file with any extension.',
    fails: ['results/extension-*-refused'],
    breaks: storesFilesAlsoIf(() => true),
  },
  {
    name: 'extensions-text-only',
    clause: 'R6',
    fault: 'The server stores no result files except those with the extension .txt.',
    fails: [
      'results/store-file-binary',
      ...'rtf docx pdf pptx pth pt onnx h5 pb ckpt safetensors bin csv parquet xlsx xls jpg jpeg png svg gif webp md'
        .split(' ')
        .map((extension) => `results/extension-${extension}-kept`),
    ],
    breaks: dropsResults(({ filename }) => filename !== undefined && extensionOf(filename) !== '.txt'),
  },
  {
    name: 'extensions-not-forbidden',
    clause: 'R4',
    fault: 'The server accepts every extension that is not on the list of forbidden ones.',
    fails: [
      'results/extension-unknown-refused',
      'results/extension-exe-refused',
      'results/extension-html-refused',
      'results/extension-none-refused',
      'results/extension-dot-only-refused',
      'results/extension-allowed-in-front-refused',
      'results/extension-dotfile-refused',
      'results/extension-full-width-dot-refused',
    ],
    breaks: storesFilesAlsoIf((_, extension) => !isForbidden(extension)),
  },
  {
    name: 'extensions-as-spelt',
    clause: 'R4',
    fault: 'The server compares forbidden extensions case-sensitively.',
    fails: ['results/extension-upper-case-refused'],
    breaks: storesFilesAlsoIf(
      (filename, extension) =>
        isForbidden(extension) && !isForbidden(filename.slice(filename.lastIndexOf('.'))),
    ),
  },
  {
    name: 'extensions-cleaned',
    clause: 'R4',
    fault: 'The server ignores spaces and dots at the end of a filename when it checks the extension.',
    fails: ['results/extension-trailing-space-refused', 'results/extension-trailing-dot-refused'],
    breaks: storesFilesAlsoIf((filename) => isKnown(extensionOf(filename.replace(/[ .]+$/, '')))),
  },
  {
    name: 'extensions-anywhere',
    clause: 'R4',
    fault: 'The server accepts a filename that contains an allowed extension anywhere.',
    fails: [
      'results/extension-double-refused',
      'results/extension-allowed-in-front-refused',
      'results/extension-trailing-*',
    ],
    breaks: storesFilesAlsoIf((filename) => filename.includes('txt')),
  },
  {
    name: 'extensions-composed',
    clause: 'R4',
    fault: 'The server normalises a filename to NFKC before it checks the extension.',
    fails: ['results/extension-full-width-dot-refused'],
    breaks: storesFilesAlsoIf((filename) => isKnown(extensionOf(filename.normalize('NFKC')))),
  },
  {
    name: 'extensions-short-list',
    clause: 'R4',
    fault: 'The server forbids only the extensions of shell scripts.',
    fails: FORBIDDEN_FAMILY.filter((id) => !/-(sh|bash|zsh|ps1|bat|cmd)-/.test(id)),
    breaks: storesFilesAlsoIf(
      (_, extension) => isForbidden(extension) && !/^\.(sh|bash|zsh|ps1|bat|cmd)$/.test(extension),
    ),
  },
  {
    name: 'extensions-case-sensitive',
    clause: 'R4',
    fault: 'The server refuses an allowed extension in upper case.',
    fails: ['results/extension-upper-case-kept'],
    breaks: dropsResults(({ filename = '' }) => /[A-Z]/.test(filename)),
  },
  {
    name: 'extensions-first',
    clause: 'R4',
    fault: 'The server takes everything after the first dot of a filename as the extension.',
    fails: ['results/extension-last-one-counts'],
    breaks: dropsResults(({ filename = '' }) => filename.split('.').length > 2),
  },
  {
    name: 'filename-spaces-refused',
    clause: 'R6',
    fault: 'The server refuses a filename that contains a space.',
    fails: ['results/filename-with-spaces-kept'],
    breaks: dropsResults(({ filename = '' }) => filename.includes(' ')),
  },
];
