/**
 * A server that is far away: `node delay.mjs PORT MS` passes each connection on to the server on PORT of this machine, and what
 * comes back MS milliseconds later. Prints its own port.
 */

import { connect, createServer } from 'node:net';

const [port, ms] = process.argv.slice(2).map(Number);

const server = createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const later = (act) => setTimeout(() => near.destroyed || act(), ms);
  near.on('data', (bytes) => far.write(bytes));
  near.on('end', () => far.end());
  near.on('close', () => far.destroy());
  near.on('error', () => far.resetAndDestroy());
  far.on('data', (bytes) => later(() => near.write(bytes)));
  far.on('end', () => later(() => near.end()));
  far.on('error', () => later(() => near.resetAndDestroy()));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
