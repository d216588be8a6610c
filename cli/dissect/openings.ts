/** Recognises other protocols and formats by their first bytes. */

/** Patterns for text match the bytes as Latin-1; patterns for binary formats match their hex digits. */
const TEXT: readonly (readonly [opening: RegExp, hint: string])[] = [
  [
    /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE) \S|^PRI \* HTTP\/2/,
    'this begins like an HTTP request; the protocol is not HTTP',
  ],
  [/^HTTP\/[\d.]+ \d/, 'this begins like an HTTP response; the peer may be a web server'],
  [/^SSH-\d/, 'this begins like the banner of an SSH server'],
  [/^\s*\{\s*"/, 'this begins like JSON, a payload without its header; conform encode writes the frame'],
  [/^\s*(?:0x)?(?:[0-9a-f]{2}[\s:,]*){8}/i, 'this begins like hex; add --hex'],
];
const BINARY: typeof TEXT = [
  [/^1[4-7]030[0-4]/, 'this begins like a TLS record; the protocol does not use TLS'],
  [
    /^(?:d4c3b2a1|a1b2c3d4|0a0d0d0a)/,
    'this begins like a packet capture; extract the bytes of one direction, as tshark -z follow,tcp,raw,0 does',
  ],
  [/^1f8b/, 'this begins like gzip; decompress it first'],
];

/** One line for a person; undefined when no pattern matches. */
export function recogniseOpening(bytes: Uint8Array): string | undefined {
  const opening = Buffer.from(bytes.subarray(0, 64));
  const [text, hex] = [opening.toString('latin1'), opening.toString('hex')];
  const found = TEXT.find(([pattern]) => pattern.test(text)) ?? BINARY.find(([pattern]) => pattern.test(hex));
  return found?.[1];
}
