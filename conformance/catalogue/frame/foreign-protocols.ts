/** The first bytes of other protocols, read as a header: a type that is none, or a length over the cap (F2, F7). */

import {
  type Bytes,
  concat,
  HEADER_BYTES,
  header,
  repeat,
  submitPayload,
  text,
} from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { closes, NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { LEGAL } from './segments.ts';

const ZERO = { raw: new Uint8Array(1) };
/** The header of a TLS record of 512 bytes with a ClientHello of 508 in it. */
const CLIENT_HELLO = { raw: new Uint8Array([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]) };

/** What strangers say first, and the length that it declares if that is over the cap. */
const STRANGERS: readonly (readonly [name: string, what: string, opening: Bytes])[] = [
  ['http-get', 'an HTTP request', text('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  [
    'http-post',
    'an HTTP request with a SUBMIT in its body',
    concat(text('POST /submit HTTP/1.1\r\nContent-Type: application/json\r\n\r\n'), submitPayload()),
  ],
  ['http2', 'the preface of HTTP/2', text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['ssh', 'the banner of SSH', text('SSH-2.0-OpenSSH_9.6\r\n')],
  ['smtp', 'the greeting of an SMTP client', text('EHLO localhost\r\n')],
  ['proxy-header', 'the header of a PROXY protocol', text('PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n')],
  ['bare-json', 'JSON without a header', submitPayload()],
  ['json-line', 'a blank line and JSON', concat(text('\r\n\r\n'), submitPayload())],
  ['all-ones', 'nothing but bytes of 255', { repeat: new Uint8Array([255]), times: 64 }],
];

export const frameStrangers: readonly Scenario[] = [
  ...STRANGERS.map(
    ([name, what, opening]): Scenario => ({
      id: `frame/stranger-${name}`,
      clause: 'F2',
      level: 'MUST',
      requirement: `A peer that sends ${what} declares a length over 16 MiB: no answer, and the connection is closed.`,
      steps: [send(opening)],
      accept: [closes()],
      control: LEGAL,
      likelyCause: 'A greeting in another protocol is answered, or the length that it declares is awaited.',
    }),
  ),
  ...(
    [
      ['tls', 'a TLS ClientHello', concat(CLIENT_HELLO, { repeat: ZERO.raw, times: 506 })],
      ['zeros', 'nothing but zero bytes', { repeat: ZERO.raw, times: 8 * HEADER_BYTES }],
      [
        'spaces',
        'a header of a foreign type and white space',
        concat(header(0x20202020, 64), repeat(' ', 64)),
      ],
    ] as const
  ).map(
    ([name, what, opening]): Scenario => ({
      id: `frame/stranger-${name}`,
      clause: 'F7',
      level: 'MUST',
      requirement: `A peer that sends ${what}, which is a frame of an unknown type, gets no answer.`,
      steps: [send(opening)],
      accept: NOT_ANSWERED,
      control: LEGAL,
      likelyCause: 'A greeting in another protocol is answered, or the type is not looked at.',
    }),
  ),
];
