/** Many servers of ten behaviours in this process, as a network has: some conform, some have a fault, one is not there. */

import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { mutants, variants } from '../index.ts';
import { type Running, serveWith } from '../server/server.ts';

const CONFORMING = ['answers-indented', 'answers-with-more-fields', 'answers-reordered', 'accepts-again'];
const BROKEN = [
  'description-in-characters',
  'status-201',
  'id-missing',
  'json-without-header',
  'length-ignored',
];

export interface ManyServers {
  /** The behaviour of each, and where it listens. One of the tenth behaviour does not listen. */
  readonly servers: readonly { readonly behaviour: string; readonly address: Running['address'] }[];
  readonly close: () => Promise<void>;
}

/** Starts `count` servers, the behaviours in turn, with their stores in `folder`. */
export async function startServers(count: number, folder: string): Promise<ManyServers> {
  const replacements = [
    ...CONFORMING.map((name) => variants.find((variant) => variant.name === name)?.does),
    ...BROKEN.map((name) => mutants.find((mutant) => mutant.name === name)?.breaks),
  ];
  const names = [...CONFORMING, ...BROKEN, 'absent'];
  const started: {
    readonly behaviour: string;
    readonly address: Running['address'];
    close(): Promise<void>;
  }[] = [];
  for (let index = 0; index < count; index += 1) {
    const behaviour = names[index % names.length] ?? '';
    const replacement = replacements[index % names.length];
    if (behaviour === 'absent') {
      started.push({ behaviour, address: await closedPort(), close: async () => {} });
      continue;
    }
    if (replacement === undefined) throw new Error(`there is no server ${behaviour}`);
    const own = join(folder, String(index));
    await mkdir(own);
    started.push({ behaviour, ...(await serveWith(replacement, { folder: own, storesTasks: false })) });
  }
  return {
    servers: started,
    close: async () => void (await Promise.all(started.map(({ close }) => close()))),
  };
}

/** A port on which no program listens. */
async function closedPort(): Promise<Running['address']> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  return { host: '127.0.0.1', port: address.port };
}
