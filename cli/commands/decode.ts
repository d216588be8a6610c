/** `conform decode`: explains frames field by field. */

import { setImmediate } from 'node:timers/promises';
import { EXIT } from '../../conformance/report/exit-status.ts';
import { command } from '../core/command.ts';
import { UsageError } from '../core/errors.ts';
import { decodeText } from '../core/read-file.ts';
import type { Dissected } from '../dissect/dissect.ts';
import { readInput } from '../options/input.ts';
import { colorsFor } from '../terminal/colors.ts';

/** Frames that are shown as text; later ones are only counted. */
const SHOWN_FRAMES = 100;

export const decodeCommand = command({
  usage: 'decode [file]',
  describe: 'Explain the bytes of frames field by field, and name what is illegal',
  exits: { success: 'all frames are legal', failed: 'a frame is illegal' },
  positionals: {
    file: {
      type: 'string',
      describe: 'File with one or more binary frames; standard input if it is - or absent',
    },
  },
  options: {
    hex: {
      type: 'string',
      array: true,
      describe:
        'Read hex text, also as xxd and hexdump -C print it, or the TCP packets of tcpdump -X; or the digits given here',
    },
    json: { type: 'boolean', default: false, describe: 'Print one line of JSON for each frame' },
  },
  examples: [
    ['$0 decode frames.bin', 'a dump of each frame, with a verdict'],
    ['$0 decode --hex 00000001 00000002 7b7d', 'a frame given as digits'],
    ['sudo tcpdump -X -s 0 -i lo port 1003 | $0 decode --hex', 'what both sides sent, until Ctrl-C'],
    ['$0 encode submit --task-id a | $0 decode', 'what the reference implementation writes'],
  ],
  run: async ({ file, hex, json }, context) => {
    const streams = await read(file, hex);
    if (streams.every(({ bytes }) => bytes.length === 0))
      throw new UsageError('the input is empty; there is no frame to decode');
    const [{ dissect, isLegal }, { dumpJson, dumpText }] = await Promise.all([
      import('../dissect/dissect.ts'),
      import('../dissect/dump.ts'),
    ]);
    const colors = colorsFor(context);
    let frames = 0;
    let illegal = 0;
    let shown: string | undefined;
    for (const [name, frame] of framesOf(streams, dissect)) {
      frames += 1;
      if (frames % 1000 === 0) {
        // Output is written and signals are handled only between turns of the event loop.
        await setImmediate();
        if (context.interrupted.aborted) return EXIT.interrupted;
      }
      if (!isLegal(frame)) illegal += 1;
      if (json) context.out(dumpJson(frame, name));
      else if (frames <= SHOWN_FRAMES) {
        if (name !== shown) context.out(`${name}\n`);
        shown = name;
        context.out(dumpText(frame, colors));
      }
    }
    if (!json && frames > 1) {
      const unshown = frames > SHOWN_FRAMES ? `; the first ${SHOWN_FRAMES} are shown` : '';
      context.out(`${frames} frames, ${illegal === 0 ? 'all legal' : `${illegal} illegal`}${unshown}\n`);
    }
    return illegal === 0 ? EXIT.success : EXIT.failed;
  },
});

/** Bytes that frames follow each other in. Those of a packet dump have a name. */
interface Input {
  readonly name?: string;
  readonly bytes: Buffer;
}

function* framesOf(
  inputs: readonly Input[],
  dissect: (bytes: Uint8Array) => Iterable<Dissected>,
): Generator<[name: string | undefined, frame: Dissected]> {
  for (const { name, bytes } of inputs) for (const frame of dissect(bytes)) yield [name, frame];
}

async function read(file: string | undefined, hex: readonly string[] | undefined): Promise<readonly Input[]> {
  const what = 'a file, - for standard input, or --hex with digits';
  if (hex === undefined) return [{ bytes: await readInput(file, what) }];
  const [{ parseHex }, { readPackets }] = await Promise.all([
    import('../dissect/hex.ts'),
    import('../dissect/packets.ts'),
  ]);
  const digits = hex.filter((word) => word !== '-');
  if (digits.length > 0 && file !== undefined)
    throw new UsageError('give a file, or digits after --hex, but not both');
  if (digits.length > 0) return [{ bytes: parseHex(digits.join(' ')) }];
  const text = decodeText(await readInput(file, what));
  return readPackets(text) ?? [{ bytes: parseHex(text) }];
}
