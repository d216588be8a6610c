/**
 * Serves one page to browsers on this machine, and its later states as server-sent events. A request needs the token of the
 * address, nothing in a request changes anything, and memory does not depend on how fast a viewer reads.
 */

import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What is served. Each is called only when a viewer can take the text. */
export interface Served {
  /** The header Content-Security-Policy. */
  readonly policy: string;
  /** The whole page. */
  readonly page: () => string;
  /** The present state, as markup: the data of an event. */
  readonly body: () => string;
}

export interface UiServer {
  /** The address of the page, with the token. */
  readonly url: string;
  /** The number of pages that get events. */
  readonly viewers: number;
  /** Sends the present state to each viewer that has taken the last one. */
  readonly publish: () => void;
  /** Sends the last state, and ends all connections, after a second at the latest. */
  readonly close: (body: string) => Promise<void>;
}

/** Viewers, and pages that are not completely sent, at a time. */
const MOST_VIEWERS = 8;
/** Connections at a time. A browser opens some more than it uses. */
const MOST_CONNECTIONS = 64;
/** States that a viewer may miss, one after another, before its connection is ended. */
const MOST_MISSED = 30;
/** Milliseconds that viewers have to take the last state. */
const LAST_MS = 1000;

interface Viewer {
  readonly response: ServerResponse;
  missed: number;
}

/** Listens on 127.0.0.1; `port` 0 selects a free port. Rejects with the error of the system if it cannot listen. */
export async function serveUi(port: number, token: string, served: Served): Promise<UiServer> {
  const viewers = new Set<Viewer>();
  const pages = new Set<ServerResponse>();
  let hosts: readonly string[] = [];
  const server = createServer({ maxHeaderSize: 8192 }, (request, response) => {
    const path = pathOf(request, hosts, token);
    if (typeof path === 'number') return void refuse(response, path);
    for (const [name, value] of Object.entries(headersOf(served.policy))) response.setHeader(name, value);
    if (path !== '' && (path !== 'events' || request.method !== 'GET')) {
      refuse(response, 404);
    } else if (viewers.size + pages.size >= MOST_VIEWERS) {
      refuse(response, 503);
    } else if (path === '') {
      pages.add(response);
      response.on('close', () => pages.delete(response)).on('error', () => {});
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      // Further requests on the connection are not read.
      response.setHeader('Connection', 'close');
      response.end(request.method === 'HEAD' ? '' : served.page());
    } else {
      const viewer: Viewer = { response, missed: 0 };
      viewers.add(viewer);
      response.on('close', () => viewers.delete(viewer)).on('error', () => {});
      response.setHeader('Content-Type', 'text/event-stream');
      response.write(eventOf('body', served.body()));
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  hosts = hostsOf(address.port);
  return {
    url: `http://127.0.0.1:${address.port}/${token}/`,
    get viewers() {
      return viewers.size;
    },
    publish: () => {
      let event: string | undefined;
      for (const viewer of viewers) {
        if (!viewer.response.writableNeedDrain) {
          viewer.missed = 0;
          event ??= eventOf('body', served.body());
          viewer.response.write(event);
        } else {
          viewer.missed += 1;
          if (viewer.missed > MOST_MISSED) viewer.response.destroy();
        }
      }
    },
    close: async (body) => {
      const event = eventOf('end', body);
      for (const { response } of viewers) response.end(event);
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), LAST_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** What a browser sends as the host: it leaves out the port 80. */
export function hostsOf(port: number): readonly string[] {
  const names = ['127.0.0.1', 'localhost'];
  return [...names.map((host) => `${host}:${port}`), ...(port === 80 ? names : [])];
}

/** The part of the path after the token, or the status of a refusal. */
function pathOf(
  { url = '', method = '', headers }: IncomingMessage,
  hosts: readonly string[],
  token: string,
): string | number {
  // Another name could be that of a page elsewhere, which has been given this address (DNS rebinding).
  if (!hosts.includes(headers.host ?? '')) return 421;
  const [, given = '', rest] = /^\/([^/?]{1,64})\/([^?]{0,64})$/.exec(url) ?? [];
  if (rest === undefined || !isSame(given, token)) return 404;
  return method === 'GET' || method === 'HEAD' ? rest : 405;
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { Connection: 'close', 'Content-Type': 'text/plain' }).end();
}

function headersOf(policy: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** JSON has no line end, so the data is one line. */
function eventOf(name: 'body' | 'end', body: string): string {
  return `event: ${name}\ndata: ${JSON.stringify(body)}\n\n`;
}
