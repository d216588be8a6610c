/**
 * The client of the reference as a program that `conform client` judges: environment in, one line of JSON out. It imports
 * only what it needs, because it is started once for each scenario.
 */

import { readFile } from 'node:fs/promises';
import {
  unmarshalSubmitRequest,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from '../../reference/codec/message.ts';
import { dial } from '../../reference/net/client.ts';
import {
  STATUS_ACCEPTED,
  TYPE_SEND_RESULTS,
  TYPE_STATUS_UPDATE,
  TYPE_SUBMIT,
} from '../../reference/protocol/constants.ts';
import { ProtocolError, ValidationError } from '../../reference/protocol/errors.ts';
import { generateTaskId } from '../../reference/protocol/task-id.ts';
import { validateSubmitRequest } from '../../reference/protocol/validation.ts';

/** The line that is printed. */
interface OutcomeLine {
  readonly outcome: 'accepted' | 'rejected' | 'sent' | 'refused' | 'error';
  readonly task_id?: string;
  readonly message?: string;
}

/** How long a receiver may take to close after an update or results, in milliseconds. */
const CLOSE_WAIT_MS = 250;

/** Does what the variables ask for. Rejects with the errors of the reference. */
async function act(variables: NodeJS.ProcessEnv): Promise<OutcomeLine> {
  const { CONFORM_HOST: host = '', CONFORM_PORT, CONFORM_ACTION, CONFORM_MESSAGE = '' } = variables;
  const timeoutMs = Number(variables['CONFORM_TIMEOUT_MS']);
  const address = { host, port: Number(CONFORM_PORT), timeoutMs };
  // The file holds the JSON of a payload, so the reference reads it as one.
  const payload = await readFile(CONFORM_MESSAGE);
  switch (CONFORM_ACTION) {
    case 'submit': {
      const taskId = generateTaskId();
      const request = { ...unmarshalSubmitRequest({ type: TYPE_SUBMIT, payload }), taskId };
      validateSubmitRequest(request);
      const client = await dial(address);
      const { status, message } = await client.submitTask(request, { timeoutMs });
      return { outcome: status === STATUS_ACCEPTED ? 'accepted' : 'rejected', task_id: taskId, message };
    }
    case 'update': {
      const update = unmarshalTaskStatusUpdate({ type: TYPE_STATUS_UPDATE, payload });
      const client = await dial(address);
      await client.sendStatusUpdate(update, { timeoutMs, closeWaitMs: CLOSE_WAIT_MS });
      return { outcome: 'sent', task_id: update.taskId };
    }
    case 'results': {
      const results = unmarshalTaskResultMessage({ type: TYPE_SEND_RESULTS, payload });
      const client = await dial(address);
      await client.sendResults(results, { timeoutMs, closeWaitMs: CLOSE_WAIT_MS });
      return { outcome: 'sent', task_id: results.taskId };
    }
    default:
      throw new Error(`no action ${CONFORM_ACTION}`);
  }
}

function outcomeOf(error: unknown): OutcomeLine {
  const isRefused =
    error instanceof ValidationError || (error instanceof ProtocolError && error.code === 'frame-too-large');
  return { outcome: isRefused ? 'refused' : 'error', message: String(error) };
}

const line = await act(process.env).catch(outcomeOf);
process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));
