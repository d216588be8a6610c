/** A target that does not accept a submission. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}
