/**
 * The file with the targets: a target in each line, as `name=host:port  # note`. Blank lines and lines that begin with `#` are
 * ignored, and so is the note. Every faulty line is one line of the error.
 */

import { printable, printablePath } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';
import { type Address, addressIn, formatAddress, TARGET_NAME, whyNoAddress } from '../options/address.ts';
import { fileNameOf } from './file-name.ts';

export interface ListedTarget {
  readonly name: string;
  readonly address: Address;
  /** From 1. */
  readonly line: number;
}

/** More faults than these are counted only. */
const LISTED_FAULTS = 20;

/** `file` is for messages. Throws UsageError; its message has a line for each fault. */
export function readTargetList(text: string, file: string): readonly [ListedTarget, ...ListedTarget[]] {
  const faults: string[] = [];
  const targets: ListedTarget[] = [];
  const lines = new Map<string, number>();
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const content = whole.replace(/(^|\s)#.*$/, '').trim();
    if (content === '') continue;
    try {
      const target = readTarget(content, line);
      // Two names that differ in more than they may on some file systems have different files.
      const key = fileNameOf(target.name);
      const first = lines.get(key);
      if (first !== undefined)
        throw fault(`the name ${printable(target.name)} is that of line ${first}, too`);
      lines.set(key, line);
      targets.push(target);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      faults.push(`${printablePath(file)}, line ${line}: ${error.message}`);
    }
  }
  if (faults.length > 0) throw faultsOf(faults);
  const [first, ...others] = targets;
  if (first === undefined)
    throw fault(`${printablePath(file)} names no target; a line is such as ${EXAMPLE}`);
  return [first, ...others];
}

/** For a fault that has several lines. */
export function faultsOf(faults: readonly string[]): UsageError {
  const rest = faults.length - LISTED_FAULTS;
  return fault([...faults.slice(0, LISTED_FAULTS), ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n'));
}

const EXAMPLE = 'alpha=192.0.2.1:1003  # a note';

function readTarget(content: string, line: number): ListedTarget {
  const at = content.indexOf('=');
  const name = content.slice(0, Math.max(0, at)).trim();
  const shown = printable(JSON.stringify(content), 80);
  if (name === '') throw fault(`${shown} has no name; a line is such as ${EXAMPLE}`);
  if (!TARGET_NAME.test(name))
    throw fault(
      `${printable(JSON.stringify(name), 80)} is no name: it has letters of ASCII, digits, ".", "-" and "_", at most 100`,
    );
  const text = content.slice(at + 1).trim();
  const address = addressIn(text);
  if (address === undefined) throw fault(`${shown}: the address ${whyNoAddress(text)}`);
  return { name, address, line };
}

function fault(message: string): UsageError {
  return new UsageError(message);
}

/** As `--target` takes it. */
export function targetText({ name, address }: ListedTarget): string {
  return `${name}=${formatAddress(address)}`;
}
