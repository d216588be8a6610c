/** `conform serve`: the reference server, until Ctrl-C. */

import type { Argv } from 'yargs';
import { checkPort, formatAddress } from './address.ts';
import { UsageError } from './io.ts';
import type { Verb } from './verb.ts';

interface ServeOptions {
  host: string;
  port: number;
  'log-level': string;
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** How long sessions in flight may go on after Ctrl-C. */
const GRACE_MS = 5000;

export const serveVerb: Verb<ServeOptions> = {
  command: 'serve',
  describe: 'Run the reference server, which accepts every legal task',
  builder: (yargs: Argv) =>
    yargs
      .option('host', {
        type: 'string',
        default: '127.0.0.1',
        requiresArg: true,
        describe: 'The address to listen on',
      })
      .option('port', {
        type: 'number',
        default: 1003,
        requiresArg: true,
        describe: 'The port to listen on; 0 takes a free one',
      })
      .option('log-level', {
        choices: LOG_LEVELS,
        default: 'info',
        requiresArg: true,
        describe: 'What to log to standard error, as JSON Lines',
      })
      .example('$0 serve --port 10030', 'in one shell, and in another: conform --target 127.0.0.1:10030'),
  run: async (options, io) => {
    const port = checkPort(options.port, '--port', 0);
    const [{ Server }, { pino }] = await Promise.all([import('../reference/index.ts'), import('pino')]);
    const logger = pino({ level: options.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
    const server = new Server(() => true, { logger });
    try {
      const address = await server.listenAndServe({ host: options.host, port });
      io.out(`listening on ${formatAddress(address)}; Ctrl-C stops\n`);
    } catch (error) {
      throw new UsageError(`cannot listen on ${options.host}:${port}: ${(error as Error).message}`);
    }
    if (!io.interrupted.aborted) {
      await new Promise((resolve) => io.interrupted.addEventListener('abort', resolve, { once: true }));
    }
    io.out('closing\n');
    await server.close({ graceMs: GRACE_MS });
    return 0;
  },
};
