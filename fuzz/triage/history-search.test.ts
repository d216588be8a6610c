import t from 'tap';
import type { Case } from '../case/case.ts';
import { historyWords } from './history-search.ts';

const historyOf = (messages: number): Case => ({
  arrangement: 'in-turn',
  connections: Array.from({ length: messages }, () => [{ do: 'fin' }]),
});

t.test('a finding claims that each message is needed only if each was left out', async (t) => {
  const ROWS = [
    [undefined, 3, true, ''],
    ['messages', 3, true, '; only after all 3 messages, on a target that was just started'],
    ['messages', 3, false, '; after these 3 messages, on a target that was just started'],
    ['messages', 1, true, '; seen on a target that was just started'],
    ['messages', 1, false, '; seen on a target that was just started'],
    ['count', 90, true, '; it takes about 90 such messages since the start of the target'],
  ] as const;
  for (const [history, messages, isMinimal, words] of ROWS)
    t.equal(historyWords(history, historyOf(messages), isMinimal), words);
});
