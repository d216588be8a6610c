/** Why an adapter cannot be asked. */

export type AdapterErrorCode =
  /** The command ended, or could not be started, before it answered `hello`. */
  | 'not-started'
  /** It wrote a line that is no answer, or one of too many bytes. */
  | 'no-answer'
  /** It answered a request twice, or one that was never asked. */
  | 'unasked'
  /** The answer to `hello` is not as the interface demands. */
  | 'hello'
  /** It ran on after its input had ended. */
  | 'did-not-end';

/** The adapter breaks the interface, so nothing can be judged. The message is one line; what the adapter wrote is escaped. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly code: AdapterErrorCode;

  constructor(code: AdapterErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The adapter ended, or did not answer in time, while requests were open. Each of them may be the reason. */
export class AdapterLostError extends Error {
  override readonly name = 'AdapterLostError';
  /** 'ended': the process ended. 'silent': no answer came in time. */
  readonly code: 'ended' | 'silent';

  constructor(code: 'ended' | 'silent', message: string) {
    super(message);
    this.code = code;
  }
}

/** The adapter was lost before the request was sent, so the request cannot be the reason. */
export class NotAskedError extends Error {
  override readonly name = 'NotAskedError';
  readonly loss: AdapterLostError;

  constructor(loss: AdapterLostError) {
    super(loss.message);
    this.loss = loss;
  }
}
