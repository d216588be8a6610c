/**
 * Runs command lines with what is built, all in this process, which needs most of its time to load the command. `process.ts`
 * starts it. A message holds the working directory and the words of a command line; the answer, what came of it.
 */

import { setMaxListeners } from 'node:events';

const [, , file] = process.argv;
const { main } = await import(file);

process.on('message', async ({ cwd, args }) => {
  process.chdir(cwd);
  const output = { out: '', err: '' };
  const interrupted = new AbortController().signal;
  // As that of a process of its own.
  setMaxListeners(0, interrupted);
  const status = await main(args, {
    out: (data) => {
      output.out += typeof data === 'string' ? data : Buffer.from(data).toString();
    },
    err: (text) => {
      output.err += text;
    },
    isTerminal: false,
    cacheFolder: process.env.XDG_CACHE_HOME,
    interrupted,
  });
  process.send({ status, ...output });
});
