/** What a run demands beyond its verdicts, and the addresses that it sends: option texts in, checked values out. */

import { ADDRESS_BYTES, type Addresses, DEFAULT_ADDRESSES } from '../../conformance/scenario/bytes.ts';
import { LACKS, type Lack } from '../../conformance/scenario/lacks.ts';
import { notOneOf } from '../core/check-command-line.ts';
import { wrong } from './options.ts';

/** Reads `store,process`. Throws UsageError. */
export function parseRequire(text: string): readonly Lack[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !LACKS.some((lack) => lack === name));
  if (unknown !== undefined) throw wrong('--require', notOneOf(JSON.stringify(unknown), unknown, LACKS));
  return LACKS.filter((lack) => names.includes(lack));
}

/** An address that needs no escapes in JSON. */
const LEGAL = new RegExp(`^[ !#-[\\]-~]{${ADDRESS_BYTES}}$`);

/** Undefined if neither is given. Throws UsageError for an address of another length than those it replaces. */
export function addressesOf({
  from,
  to,
}: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): Addresses | undefined {
  for (const [option, address] of Object.entries({ '--from': from, '--to': to }))
    if (address !== undefined && !LEGAL.test(address))
      throw wrong(
        option,
        `${JSON.stringify(address)} is no address: it has ${ADDRESS_BYTES} ASCII characters, such as ${DEFAULT_ADDRESSES.from}`,
      );
  return from === undefined && to === undefined
    ? undefined
    : { from: from ?? DEFAULT_ADDRESSES.from, to: to ?? DEFAULT_ADDRESSES.to };
}
