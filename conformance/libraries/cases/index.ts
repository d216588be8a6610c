/** All cases, section by section. Their ids are permanent. */

import type { LibraryCase } from './case.ts';
import { withControlIds } from './controls.ts';
import { decodeCases, encodeCases, overCapCases } from './messages.ts';
import { extensionCases, idCases, poloCases, timeCases, validationCases } from './rules.ts';
import { frameCases, openStreamCases, typeNameCases } from './streams.ts';
import { durationCases, expiryCases, newTaskCases, taskFileCases } from './tasks.ts';

/** Read from fixtures/, which takes some milliseconds. */
export function libraryCases(): readonly LibraryCase[] {
  return withControlIds([
    ...frameCases(),
    ...openStreamCases(),
    ...typeNameCases(),
    ...encodeCases(),
    ...overCapCases(),
    ...decodeCases(),
    ...validationCases(),
    ...extensionCases(),
    ...timeCases(),
    ...taskFileCases(),
    ...newTaskCases(),
    ...expiryCases(),
    ...durationCases(),
    ...poloCases(),
    ...idCases(),
  ]);
}
