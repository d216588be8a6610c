/** `conform`: judges a target, or the embedded reference server. */

import type { Argv } from 'yargs';
import type { Scenario } from '../conformance/index.ts';
import { type Address, formatAddress, parseAddress } from './address.ts';
import { selectedBy } from './filter.ts';
import { type Io, UsageError } from './io.ts';
import { palette } from './palette.ts';
import type { Verb } from './verb.ts';

interface RunOptions {
  target: string | undefined;
  only: string[] | undefined;
  strict: boolean;
  retries: number;
}

export const runVerb: Verb<RunOptions> = {
  command: ['run', '$0'],
  describe: 'Judge a target by the catalogue; without --target, the embedded reference server',
  builder: (yargs: Argv) =>
    yargs
      .option('target', {
        type: 'string',
        requiresArg: true,
        describe: 'The implementation under test, as host:port',
      })
      .option('only', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Judge only scenarios whose id matches; * stands for anything',
      })
      .option('strict', { type: 'boolean', default: false, describe: 'A failed SHOULD counts like a MUST' })
      .option('retries', {
        type: 'number',
        default: 2,
        requiresArg: true,
        describe: 'How often a failed scenario is played again, to tell flaky from failed',
      })
      .example('$0', 'the whole catalogue against the embedded reference server')
      .example('$0 --target 127.0.0.1:1003', 'judge your server')
      .example("$0 --target 127.0.0.1:1003 --only 'frame/*'", 'one section of the protocol'),
  run: async (options, io) => {
    if (!Number.isInteger(options.retries) || options.retries < 0) {
      throw new UsageError('--retries must be a whole number, 0 or more');
    }
    const { catalogue } = await import('../conformance/index.ts');
    const selected = selectedBy(options.only, catalogue, '--only');
    if (options.target !== undefined) {
      return judge(parseAddress(options.target, '--target'), selected, options, io);
    }
    const { Server } = await import('../reference/index.ts');
    const server = new Server(() => true);
    const address = await server.listenAndServe({ port: 0 });
    io.out(`no --target: judging the embedded reference server on ${formatAddress(address)}\n`);
    try {
      return await judge(address, selected, options, io);
    } finally {
      await server.close({ graceMs: 0 });
    }
  },
};

async function judge(
  target: Address,
  selected: (scenario: Scenario) => boolean,
  { strict, retries }: RunOptions,
  io: Io,
): Promise<number> {
  const { catalogue, run, TextReporter } = await import('../conformance/index.ts');
  const reporter = new TextReporter({
    write: io.out,
    palette: palette(io),
    live: io.isTerminal,
    replayTarget: formatAddress(target),
    strict,
  });
  for await (const event of run({ target, catalogue, selected, retries, signal: io.interrupted })) {
    reporter.take(event);
  }
  return reporter.finish().exitStatus;
}
