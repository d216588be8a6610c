/** Ends a connection by reset, as the system of a crashed peer does. */

import type { Socket } from 'node:net';

/**
 * Resets the connection; closes it if a FIN is still being sent. libuv refuses a reset then, and Node would neither close
 * the connection nor end the process.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
