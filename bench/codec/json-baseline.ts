/** The codec that one would write in ten lines: no canonical form, no bounds, no check of any field. */

/** A message by its names on the wire. */
export interface BaselineMessage {
  readonly type: number;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Goes into `file_data`. */
  readonly file?: Uint8Array;
}

export function encodeBaseline({ type, fields, file }: BaselineMessage): Buffer {
  const shown =
    file === undefined ? fields : { ...fields, file_data: Buffer.from(file.buffer).toString('base64') };
  const payload = Buffer.from(JSON.stringify(shown));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

export function decodeBaseline(frame: Buffer): unknown {
  const fields = JSON.parse(frame.toString('utf8', 8, 8 + frame.readUInt32BE(4)));
  return 'file_data' in fields ? { ...fields, file_data: Buffer.from(fields.file_data, 'base64') } : fields;
}
