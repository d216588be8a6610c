/** A complete message of each kind: every field with its canonical token (M12) and its value. */
import type { FieldValue, MessageName } from './vector.ts';

export type Member = readonly [name: string, token: string, value: FieldValue];

const ID = '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163';

const string = (name: string, value: string): Member => [name, `"${value}"`, value];
const integer = (name: string, value: number): Member => [name, String(value), value];

const TIMES = [integer('time_idle_ms', 1500), integer('time_staged_ms', 250), integer('time_cpu_ms', 60_000)];

export const SAMPLES: Readonly<Record<MessageName, readonly Member[]>> = {
  SubmitRequest: [
    string('task_id', ID),
    string('task_description', 'hello world'),
    string('from_addr', '0:0000.0000.0001'),
    string('to_addr', '0:0000.0000.0002'),
  ],
  SubmitResponse: [string('task_id', ID), integer('status', 200), string('message', 'Task accepted')],
  TaskResult: [
    string('task_description', 'hello world'),
    string('status', 'success'),
    ['result', '{"pages":[1,2.5,null],"title":"x"}', { json: '{"pages":[1,2.5,null],"title":"x"}' }],
    string('error', 'none'),
    string('timestamp', '2026-01-02T03:04:05Z'),
  ],
  TaskStatusUpdate: [
    string('task_id', ID),
    string('status', 'ACCEPTED'),
    string('justification', 'Free until noon'),
  ],
  TaskResultMessage: [
    string('task_id', ID),
    string('result_type', 'file'),
    string('result_text', 'See the file'),
    string('filename', 'summary.bin'),
    ['file_data', '"AAEC/w=="', { hex: '000102ff', times: 1 }],
    string('completed_at', '2026-01-02T03:05:05.25Z'),
    ...TIMES,
  ],
  TaskFile: [
    string('task_id', ID),
    string('task_description', 'hello world'),
    string('created_at', '2026-01-02T03:04:05.123Z'),
    string('status', 'SUCCEEDED'),
    string('status_justification', 'Done'),
    string('from', '0:0000.0000.0001'),
    string('to', '0:0000.0000.0002'),
    string('accepted_at', '2026-01-02T03:04:06Z'),
    string('staged_at', '2026-01-02T03:04:07Z'),
    string('execute_started_at', '2026-01-02T03:04:08Z'),
    string('completed_at', '2026-01-02T03:05:08Z'),
    ...TIMES,
    string('result_type', 'text'),
    string('results', 'ok'),
  ],
};
