/** Ends a connection by reset, as a peer that crashed does. */

import type { Socket } from 'node:net';

/**
 * Resets it; closes it where its FIN is still on the way. There libuv refuses a reset, after which Node would neither close
 * the connection nor ever end the process.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
