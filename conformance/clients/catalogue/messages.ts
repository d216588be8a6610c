/** What clients are asked to send. */

import type { MessageFields } from '../scenario/client-scenario.ts';

/** The id of the worked example: it has no UUID version. */
export const GIVEN_ID = '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';

/** A legal submit; `fields` replaces some. */
export function submitFields(fields: MessageFields = {}): MessageFields {
  return {
    task_description: 'Summarise the paper',
    from_addr: '0:0000.0000.0001',
    to_addr: '0:0000.0000.0002',
    ...fields,
  };
}

/** A legal update; `fields` replaces some. */
export function updateFields(fields: MessageFields = {}): MessageFields {
  return { task_id: GIVEN_ID, status: 'ACCEPTED', justification: 'It will be done', ...fields };
}

/** Legal results with a text; `fields` replaces some. */
export function textFields(fields: MessageFields = {}): MessageFields {
  return results({ result_type: 'text', result_text: 'Forty-two', ...fields });
}

/** Legal results with a file; `fields` replaces some. */
export function fileFields(fields: MessageFields = {}): MessageFields {
  return results({
    ...{ result_type: 'file', filename: 'result.txt', file_data: { raw: Buffer.from('Forty-two') } },
    ...fields,
  });
}

function results(fields: MessageFields): MessageFields {
  return {
    task_id: GIVEN_ID,
    ...fields,
    completed_at: '2025-06-01T12:00:00Z',
    time_idle_ms: fields['time_idle_ms'] ?? 1500,
    time_staged_ms: fields['time_staged_ms'] ?? 250,
    time_cpu_ms: fields['time_cpu_ms'] ?? 60_000,
  };
}
