/** What bytes that are no frame may be instead, told by how they begin. */

const OPENINGS: readonly (readonly [opening: RegExp, hint: string])[] = [
  [
    /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE) \S|^PRI \* HTTP\/2/,
    'this begins like an HTTP request; the protocol is not HTTP',
  ],
  [/^HTTP\/[\d.]+ \d/, 'this begins like an HTTP response; was a web server asked?'],
  [/^[\x14-\x17]\x03[\0-\x04]/, 'this begins like a TLS record; the protocol is in the clear'],
  [/^SSH-\d/, 'this begins like the banner of an SSH server'],
  [
    /^(?:\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x0a\x0d\x0d\x0a)/,
    'this begins like a packet capture; extract the bytes of one direction, such as with tshark -z follow,tcp,raw,0',
  ],
  [/^\x1f\x8b/, 'this begins like gzip; decompress it first'],
  [/^\s*\{\s*"/, 'this begins like JSON: a payload without its header? conform encode makes a frame of it'],
  [/^\s*(?:0x)?(?:[0-9a-fA-F]{2}[\s:,]*){8}/, 'this begins like hex; add --hex'],
];

/** A line for a person, or undefined when the bytes begin like nothing in particular. */
export function recogniseOpening(bytes: Uint8Array): string | undefined {
  const opening = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return OPENINGS.find(([pattern]) => pattern.test(opening))?.[1];
}
