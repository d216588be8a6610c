/** `conform decode`: frames in a row, explained field by field. */

import { setImmediate } from 'node:timers/promises';
import type { Argv } from 'yargs';
import type { Command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { readInput } from '../options/input.ts';
import { colorsFor } from '../terminal/colors.ts';

interface DecodeOptions {
  file: string | undefined;
  hex: string[] | undefined;
  json: boolean;
}

/** Frames that are shown to a person; those behind them are counted. */
const SHOWN_FRAMES = 100;
const INTERRUPTED = 130;

export const decodeCommand: Command<DecodeOptions> = {
  command: 'decode [file]',
  describe: 'Explain frames field by field; exit 0 when all are legal, 1 when one is not',
  builder: (yargs: Argv) =>
    yargs
      .positional('file', {
        type: 'string',
        describe: 'Binary frames in a row; - or nothing reads standard input',
      })
      .option('hex', {
        type: 'string',
        array: true,
        describe:
          'The input is hex text, also as xxd, hexdump -C or tcpdump -X print it; or give the digits here',
      })
      .option('json', { type: 'boolean', default: false, describe: 'A line of JSON a frame' })
      .example('$0 decode frames.bin', 'a dump of each frame, with a verdict')
      .example('$0 decode --hex 00000001 00000002 7b7d', 'a frame at hand')
      .example('$0 encode submit --task-id a | $0 decode', 'what the reference writes'),
  run: async ({ file, hex, json }, context) => {
    const input = await read(file, hex);
    if (input.length === 0) throw new UsageError('the input is empty; there is no frame to decode');
    const [{ dissect, isLegal }, { dumpJson, dumpText }] = await Promise.all([
      import('../dissect/dissect.ts'),
      import('../dissect/dump.ts'),
    ]);
    const colours = colorsFor(context);
    let frames = 0;
    let illegal = 0;
    for (const frame of dissect(input)) {
      frames += 1;
      if (frames % 1000 === 0) {
        // Lets output drain, and Ctrl-C be seen.
        await setImmediate();
        if (context.interrupted.aborted) return INTERRUPTED;
      }
      if (!isLegal(frame)) illegal += 1;
      if (json) context.out(dumpJson(frame));
      else if (frames <= SHOWN_FRAMES) context.out(dumpText(frame, colours));
    }
    if (!json && frames > 1) {
      const unshown = frames > SHOWN_FRAMES ? `; the first ${SHOWN_FRAMES} are shown` : '';
      context.out(`${frames} frames, ${illegal === 0 ? 'all legal' : `${illegal} not legal`}${unshown}\n`);
    }
    return illegal === 0 ? 0 : 1;
  },
};

async function read(file: string | undefined, hex: readonly string[] | undefined): Promise<Buffer> {
  const what = 'a file, - for standard input, or --hex with digits';
  if (hex === undefined) return readInput(file, what);
  const { parseHex } = await import('../dissect/hex.ts');
  const digits = hex.filter((word) => word !== '-');
  if (digits.length === 0) return parseHex((await readInput(file, what)).toString('latin1'));
  if (file !== undefined) throw new UsageError('give a file or digits behind --hex, not both');
  return parseHex(digits.join(' '));
}
