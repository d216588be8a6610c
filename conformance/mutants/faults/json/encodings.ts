/** Servers that decode the base64 and the numbers of a result wrongly (M4, M9, M10). */

import type { Mutant } from '../../server/mutant.ts';
import { rewritesText, rewritesValues } from '../../server/replacements.ts';
import { storesResult } from '../../server/store-effects.ts';

export const encodings: readonly Mutant[] = [
  {
    name: 'base64-lenient',
    clause: 'M10',
    fault:
      'The server ignores characters that are not base64, accepts the URL-safe alphabet and does not require padding.',
    fails: ['results/store-refuses-base64-*'],
    breaks: rewritesValues((value, name) =>
      name === 'file_data' && typeof value === 'string'
        ? Buffer.from(value, 'base64').toString('base64')
        : value,
    ),
  },
  {
    name: 'base64-from-url',
    clause: 'M10',
    fault: 'The server decodes a plus in base64 as a space.',
    fails: [
      'results/store-base64-plus-and-slash',
      'results/store-base64-escaped',
      'results/store-file-binary',
    ],
    breaks: rewritesValues((value, name) =>
      name === 'file_data' && typeof value === 'string' ? value.replaceAll('+', ' ') : value,
    ),
  },
  {
    name: 'base64-padding-decoded',
    clause: 'M10',
    fault: 'The server decodes the padding of base64 to bytes of zero.',
    fails: ['results/store-base64-padded-*', 'results/store-base64-stray-bits', 'results/store-file-binary'],
    breaks: storesResult((stored, { fileData }) => ({
      ...stored,
      bytes: Buffer.concat([
        Buffer.from(stored.bytes),
        Buffer.alloc((3 - ((fileData?.length ?? 0) % 3)) % 3),
      ]),
    })),
  },
  {
    name: 'base64-first-line',
    clause: 'M10',
    fault: 'The server stops decoding base64 at a line break.',
    fails: ['results/store-base64-line-breaks'],
    breaks: rewritesValues((value, name) =>
      name === 'file_data' && typeof value === 'string' ? value.replace(/\r\n.*/s, '') : value,
    ),
  },
  {
    name: 'base64-array-as-text',
    clause: 'M10',
    fault: 'The server stores an array of bytes as its JSON text.',
    fails: ['results/store-base64-array'],
    breaks: rewritesValues((value, name) =>
      name === 'file_data' && Array.isArray(value) && value.every(Number.isInteger)
        ? Buffer.from(JSON.stringify(value)).toString('base64')
        : value,
    ),
  },
  {
    name: 'numbers-as-text',
    clause: 'M4',
    fault: 'The server converts a number to a filename or to file data.',
    fails: ['results/store-refuses-filename-number', 'results/store-refuses-file-data-number'],
    breaks: rewritesValues((value, name) => {
      if (name === 'filename' && typeof value === 'number') return `${value}.txt`;
      return name === 'file_data' && typeof value === 'number'
        ? Buffer.from(String(value)).toString('base64')
        : value;
    }),
  },
  {
    name: 'times-from-text',
    clause: 'M4',
    fault: 'The server accepts a string of digits as a time.',
    fails: ['results/store-refuses-time-string'],
    breaks: rewritesValues((value, name) =>
      name === 'time_cpu_ms' && typeof value === 'string' ? Number(value) : value,
    ),
  },
  {
    name: 'times-rounded',
    clause: 'M9',
    fault: 'The server rounds a fractional time and accepts any notation of a number.',
    fails: [
      'results/store-refuses-time-fraction',
      'results/store-refuses-time-point-zero',
      'results/store-refuses-time-exponent',
    ],
    breaks: rewritesText((text) =>
      text.replace(
        /"time_cpu_ms":([\d.e]+)/,
        (_, token: string) => `"time_cpu_ms":${Math.round(Number(token))}`,
      ),
    ),
  },
  {
    name: 'times-clamped',
    clause: 'M9',
    fault: 'The server replaces a time that exceeds 64 bits with the largest 64-bit integer.',
    fails: ['results/store-refuses-time-above-int64'],
    breaks: rewritesText((text) => text.replace('9223372036854775808', '9223372036854775807')),
  },
];
