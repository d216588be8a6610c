/** Captures of packets for tests, written from the specifications of the formats. */

export interface Side {
  /** As IPv4 or IPv6 text without abbreviation: `10.0.0.1`, or eight groups. */
  readonly host: string;
  readonly port: number;
}

export interface TcpFields {
  readonly from: Side;
  readonly to: Side;
  readonly sequence: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly flags: number;
  readonly bytes?: Uint8Array;
}

export const FIN = 1;
export const SYN = 2;
export const ACK = 16;

/** An IP packet with a TCP segment. The checksums are zero. */
export function ipPacket({ from, to, sequence, flags, bytes = new Uint8Array() }: TcpFields): Buffer {
  const tcp = Buffer.alloc(20);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(sequence >>> 0, 4);
  tcp[12] = 5 << 4;
  tcp[13] = flags;
  const payload = Buffer.concat([tcp, bytes]);
  if (!from.host.includes(':')) {
    const ip = Buffer.alloc(20);
    ip[0] = 0x45;
    ip.writeUInt16BE(20 + payload.length, 2);
    ip[8] = 64;
    ip[9] = 6;
    for (const [at, { host }] of [
      [12, from],
      [16, to],
    ] as const)
      ip.set(host.split('.').map(Number), at);
    return Buffer.concat([ip, payload]);
  }
  const ip = Buffer.alloc(40);
  ip[0] = 0x60;
  ip.writeUInt16BE(payload.length, 4);
  ip[6] = 6;
  for (const [at, { host }] of [
    [8, from],
    [24, to],
  ] as const)
    for (const [nth, group] of host.split(':').entries())
      ip.writeUInt16BE(Number.parseInt(group, 16), at + 2 * nth);
  return Buffer.concat([ip, payload]);
}

/** Link-layer headers by their names, each with its LINKTYPE value. */
export const LINK_HEADERS: Readonly<
  Record<string, readonly [link: number, header: (version: number) => Buffer]>
> = {
  null: [0, (version) => Buffer.from([version === 4 ? 2 : 30, 0, 0, 0])],
  ethernet: [1, (version) => Buffer.concat([Buffer.alloc(12, 0xee), typeOf(version)])],
  vlan: [
    1,
    (version) => Buffer.concat([Buffer.alloc(12, 0xee), Buffer.from('81000007', 'hex'), typeOf(version)]),
  ],
  raw: [101, () => Buffer.alloc(0)],
  loop: [108, (version) => Buffer.from([0, 0, 0, version === 4 ? 2 : 24])],
  cooked: [113, (version) => Buffer.concat([Buffer.alloc(14), typeOf(version)])],
  cooked2: [276, (version) => Buffer.concat([typeOf(version), Buffer.alloc(18)])],
};

function typeOf(version: number): Buffer {
  return Buffer.from(version === 4 ? '0800' : '86dd', 'hex');
}

export interface FileForm {
  readonly format: 'pcap' | 'pcapng' | 'pcapng-simple';
  readonly endian: 'little' | 'big';
  /** A name of LINK_HEADERS. */
  readonly link: string;
  /** Bytes that are kept of a packet. Default: all. */
  readonly snapLength?: number;
}

/** The file of a capture of these IP packets. */
export function captureOf(
  packets: readonly Buffer[],
  { format, endian, link, snapLength }: FileForm,
): Buffer {
  const [type, header] = LINK_HEADERS[link] ?? [0, () => Buffer.alloc(0)];
  const numbers = (...values: readonly [value: number, bytes: 2 | 4][]): Buffer =>
    Buffer.concat(
      values.map(([value, bytes]) => {
        const number = Buffer.alloc(bytes);
        if (endian === 'little') number.writeUIntLE(value, 0, bytes);
        else number.writeUIntBE(value, 0, bytes);
        return number;
      }),
    );
  const frames = packets.map((packet) => Buffer.concat([header((packet[0] ?? 0) >> 4), packet]));
  const cut = (frame: Buffer): Buffer => frame.subarray(0, snapLength ?? frame.length);
  const snap = snapLength ?? 262144;
  if (format === 'pcap') {
    const records = frames.flatMap((frame) => [
      numbers([1, 4], [2, 4], [cut(frame).length, 4], [frame.length, 4]),
      cut(frame),
    ]);
    return Buffer.concat([
      numbers([0xa1b2c3d4, 4], [2, 2], [4, 2], [0, 4], [0, 4], [snap, 4], [type, 4]),
      ...records,
    ]);
  }
  const block = (kind: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = numbers([12 + padded.length, 4]);
    return Buffer.concat([numbers([kind, 4]), length, padded, length]);
  };
  const noLength = Buffer.alloc(8, 0xff);
  const packetBlock = (frame: Buffer): Buffer =>
    format === 'pcapng-simple'
      ? block(3, Buffer.concat([numbers([frame.length, 4]), cut(frame)]))
      : block(
          6,
          Buffer.concat([
            numbers([0, 4], [1, 4], [2, 4], [cut(frame).length, 4], [frame.length, 4]),
            cut(frame),
          ]),
        );
  return Buffer.concat([
    block(0x0a0d0d0a, Buffer.concat([numbers([0x1a2b3c4d, 4], [1, 2], [0, 2]), noLength])),
    block(1, numbers([type, 2], [0, 2], [snap, 4])),
    block(0x0bad, Buffer.alloc(50)),
    ...frames.map(packetBlock),
  ]);
}
