/** Styles of the text report. */

/** Styles by meaning. Each returns the text, with or without escape sequences for colours. */
export interface Colors {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

const same = (text: string): string => text;
/** Returns every text unchanged. */
export const NO_COLORS: Colors = { good: same, bad: same, warn: same, dim: same, bold: same };
