/** Random bytes, and the task id made from them (S10): lower-case hex in groups of 8, 4, 4, 4 and 12 digits. */
import type { TaskIdVector } from '../build/vector.ts';

function vector(
  slug: string,
  note: string,
  groups: readonly [string, string, string, string, string],
): TaskIdVector {
  return {
    id: `task-ids-${slug}`,
    note,
    clause: 'S10',
    level: 'must',
    source: 'derived',
    random_hex: groups.join(''),
    task_id: groups.join('-'),
  };
}

export const taskIds: readonly TaskIdVector[] = [
  vector('zeros', 'All zero: no digit is left out, no bit is set.', [
    '00000000',
    '0000',
    '0000',
    '0000',
    '000000000000',
  ]),
  vector('ones', 'All bits set: none is cleared.', ['ffffffff', 'ffff', 'ffff', 'ffff', 'ffffffffffff']),
  vector('counting', 'Bytes stay in their order.', ['00010203', '0405', '0607', '0809', '0a0b0c0d0e0f']),
  vector('letters', 'Letters are in lower case.', ['abcdefab', 'cdef', 'abcd', 'efab', 'cdefabcdefab']),
  vector('version-4', 'Bytes that happen to form a UUID of version 4.', [
    '0f8fad5b',
    'd9cb',
    '469f',
    'a165',
    '70867728950e',
  ]),
  vector('version-none', 'The version bits of a UUID are not set.', [
    '3b9f0c52',
    '7a1e',
    'e6d4',
    '1c88',
    '90f5ab27d163',
  ]),
  vector('version-bits-zero', 'Where a UUID has its version, zero stays zero.', [
    '11111111',
    '1111',
    '0111',
    '1111',
    '111111111111',
  ]),
  vector('variant-bits-zero', 'Where a UUID has its variant, zero stays zero.', [
    '11111111',
    '1111',
    '1111',
    '0111',
    '111111111111',
  ]),
  vector('variant-bits-ones', 'Where a UUID has its variant, ones stay ones.', [
    '11111111',
    '1111',
    '1111',
    'f111',
    '111111111111',
  ]),
  vector('leading-zeros', 'Every group keeps its leading zeros.', [
    '00000001',
    '0002',
    '0003',
    '0004',
    '000000000005',
  ]),
  vector('high-bits', 'Bytes are unsigned.', ['80818283', '8485', '8687', '8889', '8a8b8c8d8e8f']),
  vector('digits', 'Digits alone.', ['12345678', '9012', '3456', '7890', '123456789012']),
];
