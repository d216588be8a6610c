/** Ends a connection by reset, as the system of a crashed peer does. */

import type { Socket } from 'node:net';

/**
 * Resets the connection; closes it if a FIN is still being sent. libuv refuses a reset then, and Node would neither close
 * the connection nor end the process. A connection that is not established is given up: Node would reset it as soon as it
 * is, and the process would not end before, which takes minutes for a peer that never completes the handshake.
 */
export function reset(socket: Socket): void {
  if (socket.connecting || (socket.writableEnded && !socket.writableFinished)) socket.destroy();
  else socket.resetAndDestroy();
}
