/** The message that a client is asked to send, as the JSON of the file at CONFORM_MESSAGE. */

import { render } from '../../scenario/bytes.ts';
import type { MessageFields } from '../scenario/client-scenario.ts';

/** File data is written as base64. Integers keep all their digits. */
export function messageJson(fields: MessageFields): string {
  const members = Object.entries(fields).map(
    ([name, value]) => `${JSON.stringify(name)}: ${tokenOf(name, value)}`,
  );
  return `{\n  ${members.join(',\n  ')}\n}\n`;
}

function tokenOf(name: string, value: MessageFields[string]): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return JSON.stringify(
    Buffer.from(render(value, () => '')).toString(name === 'file_data' ? 'base64' : 'utf8'),
  );
}
