/** Limits of this machine: a connection that fails because of them says nothing about the target. */

const CODES: readonly unknown[] = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'];

/** Whether an error code of the system says that this process, or this machine, can open no more files or connections. */
export function isOwnLimit(code: unknown): boolean {
  return CODES.includes(code);
}

/** The limit that the code stands for, and what helps, as a clause. */
export function describeOwnLimit(code: string): string {
  return code === 'EADDRNOTAVAIL'
    ? `this machine has no local port left (${code}); a lower --jobs helps`
    : `this process can open no more connections (${code}); a lower --jobs or a higher ulimit -n helps`;
}

/** This machine can open no more connections. Says nothing about the target. */
export class OwnLimitError extends Error {
  override readonly name: string = 'OwnLimitError';

  constructor(code: string) {
    super(describeOwnLimit(code));
  }
}
