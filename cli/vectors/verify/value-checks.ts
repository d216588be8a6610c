/** Checks of values: bounds, names, times, rewards and ids. */

import type {
  ExtensionVector,
  PoloVector,
  TaskIdVector,
  TimeVector,
  ValidationVector,
} from '../../../conformance/vectors/build/vector.ts';
import { messageFromValue } from '../../../conformance/vectors/load.ts';
import {
  formatTime,
  generateTaskId,
  parseTime,
  poloScoreRewardDetailed,
  validateResultFilename,
  validateSubmitRequest,
  validateTaskResultMessage,
  validateTaskStatusUpdate,
} from '../../../reference/index.ts';
import { expectSame, refusalOf } from './compare.ts';

export function checkTime(vector: TimeVector): void {
  if (!vector.valid) {
    expectSame(
      'refusal',
      refusalOf(() => parseTime(vector.text)),
      'malformed-time',
    );
    return;
  }
  const instant = { seconds: vector.unix_seconds, nanosecond: vector.nanosecond };
  expectSame('instant', parseTime(vector.text), instant);
  expectSame('instant, written and read again', parseTime(formatTime(instant)), instant);
}

const VALIDATORS = {
  SubmitRequest: validateSubmitRequest,
  TaskStatusUpdate: validateTaskStatusUpdate,
  TaskResultMessage: validateTaskResultMessage,
};

const CODE_OF_FIELD: Readonly<Record<string, string>> = {
  task_description: 'description-too-long',
  justification: 'justification-too-long',
  result_text: 'result-text-too-long',
  filename: 'filename-too-long',
  file_data: 'file-too-large',
};

export function checkValidation(vector: ValidationVector): void {
  const code = refusalOf(() => VALIDATORS[vector.message](messageFromValue(vector.value) as never));
  expectSame('refusal', code, vector.valid ? undefined : (CODE_OF_FIELD[vector.field] ?? vector.field));
}

const CODE_OF_VERDICT = {
  allowed: undefined,
  forbidden: 'extension-forbidden',
  unknown: 'extension-unknown',
};

export function checkExtension({ filename, verdict }: ExtensionVector): void {
  expectSame(
    'refusal',
    refusalOf(() => validateResultFilename(filename)),
    CODE_OF_VERDICT[verdict],
  );
}

export function checkPolo(vector: PoloVector): void {
  const times = {
    timeCpuMs: vector.time_cpu_ms,
    timeIdleMs: vector.time_idle_ms,
    timeStagedMs: vector.time_staged_ms,
  };
  const { finalReward, ...found } = poloScoreRewardDetailed(times, vector.reading);
  const { final_reward: expectedReward, ...expected } = vector.expected;
  expectSame('finalReward', finalReward, expectedReward);
  // Observed values must be equal. Derived values were computed with another logarithm function.
  const tolerance = vector.source === 'observed' ? 0 : 1e-12;
  for (const [name, value] of Object.entries(messageFromValue(expected))) {
    const ours: unknown = Reflect.get(found, name);
    if (!(Math.abs(Number(ours) - Number(value)) <= tolerance)) expectSame(name, ours, value);
  }
}

export function checkTaskId({ random_hex, task_id }: TaskIdVector): void {
  expectSame(
    'task id',
    generateTaskId(() => Buffer.from(random_hex, 'hex')),
    task_id,
  );
}
