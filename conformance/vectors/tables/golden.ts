/** Frames in files of their own (fixtures/golden/): one legal frame of each message, and one of each refusal. */
import { frame, text } from '../../scenario/bytes.ts';
import { accepted, type Golden } from '../build/golden-builders.ts';
import { MESSAGES, TASK_FILE } from '../build/messages.ts';
import { SAMPLES } from '../build/samples.ts';
import { refusals } from './golden-refusals.ts';

const legal = MESSAGES.filter((message) => message !== TASK_FILE).map(({ name, slug, type = 0 }): Golden => {
  const members = SAMPLES[name];
  const payload = `{${members.map(([field, token]) => `"${field}":${token}`).join(',')}}`;
  const value = Object.fromEntries(members.map(([field, , fieldValue]) => [field, fieldValue]));
  return accepted(slug, `A legal ${name}, every field filled.`, frame(type, text(payload)), name, value);
});

export const golden: readonly Golden[] = [...legal, ...refusals];
