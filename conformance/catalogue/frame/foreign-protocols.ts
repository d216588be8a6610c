/** The first bytes of foreign protocols. Read as a header, they declare a length above the cap or an unknown type (F2, F7). */

import {
  type Bytes,
  concat,
  HEADER_BYTES,
  inBytes,
  PAYLOAD_CAP,
  repeat,
  text,
} from '../../scenario/bytes.ts';
import { header, submitPayload } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { closes, NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { LEGAL } from './segments.ts';

const ZERO = { raw: new Uint8Array(1) };
/** The header of a TLS record of 512 bytes, and the start of the 508-byte ClientHello that it holds. */
const CLIENT_HELLO = { raw: new Uint8Array([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]) };

/** Openings of foreign protocols that declare a length above the cap. */
const OVER_CAP: readonly (readonly [name: string, what: string, opening: Bytes])[] = [
  ['http-get', 'an HTTP request', text('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  [
    'http-post',
    'an HTTP request with a SUBMIT in its body',
    concat(text('POST /submit HTTP/1.1\r\nContent-Type: application/json\r\n\r\n'), submitPayload()),
  ],
  ['http2', 'the HTTP/2 preface', text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['ssh', 'an SSH banner', text('SSH-2.0-OpenSSH_9.6\r\n')],
  ['smtp', 'the greeting of an SMTP client', text('EHLO localhost\r\n')],
  ['proxy-header', 'a PROXY protocol header', text('PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n')],
  ['bare-json', 'JSON without a header', submitPayload()],
  ['json-line', 'a blank line and JSON', concat(text('\r\n\r\n'), submitPayload())],
  ['all-ones', '64 bytes of value 255', { repeat: new Uint8Array([255]), times: 64 }],
];

export const frameForeignProtocols: readonly Scenario[] = [
  ...OVER_CAP.map(
    ([name, what, opening]): Scenario => ({
      id: `frame/stranger-${name}`,
      clause: 'F2',
      level: 'MUST',
      requirement: `A receiver closes without an answer when a peer sends ${what}: the first 8 bytes, read as a header, declare more than ${inBytes(PAYLOAD_CAP)}.`,
      steps: [send(opening)],
      accept: [closes()],
      control: LEGAL,
      likely: [
        {
          when: ['answered'],
          cause: 'The first 8 bytes are not read as a header, or its length is not compared with the cap.',
        },
        { when: ['kept open'], cause: 'The receiver waits for the payload that the first 8 bytes declare.' },
      ],
    }),
  ),
  ...(
    [
      ['tls', 'a TLS ClientHello', concat(CLIENT_HELLO, { repeat: ZERO.raw, times: 506 })],
      ['zeros', '64 zero bytes', { repeat: ZERO.raw, times: 8 * HEADER_BYTES }],
      [
        'spaces',
        'a header of type 0x20202020 and 64 spaces',
        concat(header(0x20202020, 64), repeat(' ', 64)),
      ],
    ] as const
  ).map(
    ([name, what, opening]): Scenario => ({
      id: `frame/stranger-${name}`,
      clause: 'F7',
      level: 'MUST',
      requirement: `A receiver does not answer when a peer sends ${what}: the first 8 bytes, read as a header, declare an unknown type.`,
      steps: [send(opening)],
      accept: NOT_ANSWERED,
      control: LEGAL,
      likely: [
        {
          when: ['answered'],
          cause: 'The first 8 bytes are not read as a header, or the type of the frame is ignored.',
        },
      ],
    }),
  ),
];
