/** The baseline codec: `JSON` and `Buffer` alone, with no canonical form, no limits and no validation of fields. */

/** A message with the names that its fields have in JSON. */
export interface BaselineMessage {
  readonly type: number;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The content of `file_data`, for a message with a file. */
  readonly file?: Uint8Array;
}

export function encodeBaseline({ type, fields, file }: BaselineMessage): Buffer {
  const members =
    file === undefined ? fields : { ...fields, file_data: Buffer.from(file.buffer).toString('base64') };
  const payload = Buffer.from(JSON.stringify(members));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

export function decodeBaseline(frame: Buffer): unknown {
  const fields = JSON.parse(frame.toString('utf8', 8, 8 + frame.readUInt32BE(4)));
  return 'file_data' in fields ? { ...fields, file_data: Buffer.from(fields.file_data, 'base64') } : fields;
}
