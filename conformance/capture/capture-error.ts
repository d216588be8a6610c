/** A closed list: what is wrong with a capture. */
export type CaptureErrorCode =
  /** It begins as no known format does. */
  | 'not-a-capture'
  /** A length or a field contradicts the format. */
  | 'damaged';

/** A file is no capture of packets, or its content contradicts the format. The message is for a person. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly code: CaptureErrorCode;

  constructor(code: CaptureErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
