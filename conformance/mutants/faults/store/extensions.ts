/** Servers that allow other names of result files than the documented ones (R4, R6). */

import { FORBIDDEN_RESULT_EXTENSIONS, validateTaskResultMessage } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { dropsResults, storesResult } from '../../server/store-effects.ts';

function extensionOf(filename = ''): string {
  const dot = filename.lastIndexOf('.');
  return dot === -1 ? '' : filename.slice(dot).toLowerCase();
}

/** Keeps files by a rule of its own on their names; the other bounds hold. */
function storesFilesIf(isAllowed: (filename: string, extension: string) => boolean): Replacement {
  return storesResult((stored, message) => {
    validateTaskResultMessage(message);
    const { filename = '' } = message;
    return message.resultType !== 'file' || isAllowed(filename, extensionOf(filename)) ? stored : undefined;
  });
}

const isForbidden = (extension: string): boolean => FORBIDDEN_RESULT_EXTENSIONS.has(extension);

const FORBIDDEN_FAMILY =
  'go py js ts java c cpp h hpp rs rb php swift kt scala sh bash zsh ps1 bat cmd sql r lua pl pm ex exs clj hs ml fs cs vb dart'
    .split(' ')
    .map((extension) => `results/extension-${extension}-refused`);

export const extensions: readonly Mutant[] = [
  {
    name: 'extensions-unchecked',
    clause: 'R4',
    fault: 'A received file may have any name.',
    fails: ['results/extension-*-refused'],
    breaks: storesResult((stored) => stored),
  },
  {
    name: 'extensions-text-only',
    clause: 'R6',
    fault: 'Files of text are kept, and no others.',
    fails:
      'rtf docx pdf pptx pth pt onnx h5 pb ckpt safetensors bin csv parquet xlsx xls jpg jpeg png svg gif webp md'
        .split(' ')
        .map((extension) => `results/extension-${extension}-kept`),
    breaks: dropsResults(({ filename }) => filename !== undefined && extensionOf(filename) !== '.txt'),
  },
  {
    name: 'extensions-not-forbidden',
    clause: 'R4',
    fault: 'What is not forbidden is allowed.',
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
    breaks: storesFilesIf((_, extension) => !isForbidden(extension)),
  },
  {
    name: 'extensions-as-spelt',
    clause: 'R4',
    fault: 'Forbidden extensions are looked for in lower case only.',
    fails: ['results/extension-upper-case-refused'],
    breaks: storesFilesIf((filename) => !isForbidden(filename.slice(filename.lastIndexOf('.')))),
  },
  {
    name: 'extensions-cleaned',
    clause: 'R4',
    fault: 'Spaces and dots at the end of a name do not count.',
    fails: ['results/extension-trailing-space-refused', 'results/extension-trailing-dot-refused'],
    breaks: storesFilesIf((filename) => extensionOf(filename.replace(/[ .]+$/, '')) === '.txt'),
  },
  {
    name: 'extensions-anywhere',
    clause: 'R4',
    fault: 'An allowed extension may stand anywhere in a name.',
    fails: [
      'results/extension-double-refused',
      'results/extension-allowed-in-front-refused',
      'results/extension-trailing-*',
    ],
    breaks: storesFilesIf((filename) => filename.includes('txt')),
  },
  {
    name: 'extensions-composed',
    clause: 'R4',
    fault: 'Names are brought into composed form before they are looked at.',
    fails: ['results/extension-full-width-dot-refused'],
    breaks: storesFilesIf((filename) => extensionOf(filename.normalize('NFKC')) === '.txt'),
  },
  {
    name: 'extensions-short-list',
    clause: 'R4',
    fault: 'Only scripts are forbidden.',
    fails: FORBIDDEN_FAMILY.filter((id) => !/-(sh|bash|zsh|ps1|bat|cmd)-/.test(id)),
    breaks: storesFilesIf((_, extension) => !/^\.(sh|bash|zsh|ps1|bat|cmd)$/.test(extension)),
  },
  {
    name: 'extensions-case-sensitive',
    clause: 'R4',
    fault: 'An allowed extension in upper case is refused.',
    fails: ['results/extension-upper-case-kept'],
    breaks: dropsResults(({ filename = '' }) => /[A-Z]/.test(filename)),
  },
  {
    name: 'extensions-first',
    clause: 'R4',
    fault: 'What follows the first dot of a name is its extension.',
    fails: ['results/extension-last-one-counts'],
    breaks: dropsResults(({ filename = '' }) => filename.split('.').length > 2),
  },
  {
    name: 'filename-spaces-refused',
    clause: 'R6',
    fault: 'A filename with a space in it is refused.',
    fails: ['results/filename-with-spaces-kept'],
    breaks: dropsResults(({ filename = '' }) => filename.includes(' ')),
  },
];
