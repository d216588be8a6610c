/** A client scenario in words: its requirement, what the client is asked to send, and what is permitted. */

import { size } from '../../scenario/bytes.ts';
import { counted } from '../../util/counted.ts';
import type { ClientScenario, MessageFields } from '../scenario/client-scenario.ts';
import { describeReported } from './judge.ts';
import { describeSent } from './sent.ts';

/** UTF-16 units of a value that are shown. */
const SHOWN = 60;

/**
 * The scenario as lines without line ends. The first line is the title, the second the requirement. Lines that begin with
 * two spaces are details of the line before them.
 */
export function explainClient(scenario: ClientScenario): string[] {
  const { id, level, clause, requirement, control, likely, play, sent = [], reported } = scenario;
  const { starts = 1, timeoutMs } = play;
  return [
    `${id} (${level}, clause ${clause})`,
    requirement,
    '',
    `server:   ${play.server.describe}`,
    `          conform serve --behaviour ${play.server.name} plays it`,
    `client:   is started ${starts === 1 ? 'once' : `${starts} times`} with CONFORM_ACTION=${play.action}${timeoutMs === undefined ? '' : ` and CONFORM_TIMEOUT_MS=${timeoutMs}`}, and this message:`,
    ...Object.entries(play.message).map(([name, value]) => `  ${name}: ${shown(value)}`),
    ...sent.map((condition) => `sent:     ${describeSent(condition)}`),
    `reported: ${reported === undefined ? 'any outcome, in time' : describeReported(reported)}`,
    ...(control ? [`control:  ${control}, which must pass in the same run`] : []),
    ...(likely ? [`likely:   ${likely}`] : []),
    `clause:   docs/protocol.md#${clause.toLowerCase()}`,
  ];
}

function shown(value: MessageFields[string]): string {
  if (typeof value === 'object') return counted(size(value), 'byte');
  if (typeof value !== 'string') return String(value);
  return value.length > SHOWN ? `${value.length} characters` : JSON.stringify(value);
}
