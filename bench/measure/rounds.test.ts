import t from 'tap';
import { measureRounds, type Rounds } from './rounds.ts';

/** The number of rounds in which figures are measured that have these values in turn, and the last one from then on. */
async function roundsOf(limits: Rounds, ...values: readonly (readonly number[])[]): Promise<number> {
  let round = 0;
  const measure = async (): Promise<readonly number[]> => values[round++] ?? values.at(-1) ?? [];
  return (await measureRounds(limits, measure, (figures) => figures)).length;
}

t.test('steady figures are measured in the given number of rounds', async (t) => {
  t.equal(await roundsOf({ rounds: 5, extraRounds: 10 }, [100]), 5);
  t.equal(await roundsOf({ rounds: 5 }, [100], [500]), 5, 'no extra rounds unless they are asked for');
});

t.test('a figure that is not steady is measured again until it is', async (t) => {
  t.equal(await roundsOf({ rounds: 5, extraRounds: 10 }, [100], [110], [100]), 6);
  const second = [
    [7, 100],
    [7, 110],
    [7, 100],
  ] as const;
  t.equal(await roundsOf({ rounds: 5, extraRounds: 10 }, ...second), 6, 'also if it is not the first figure');
});

t.test('a figure that stays unsteady ends with the last extra round', async (t) => {
  const swinging = Array.from({ length: 20 }, (_, index) => [index % 2 === 0 ? 100 : 300]);
  t.equal(await roundsOf({ rounds: 5, extraRounds: 10 }, ...swinging), 15);
});

t.test('one outlier does not stay in the way', async (t) => {
  const rounds = await roundsOf(
    { rounds: 5, extraRounds: 10 },
    [2.8],
    [19],
    [2.8],
    [2.9],
    [2.8],
    [2.9],
    [2.8],
  );
  t.ok(rounds > 5 && rounds < 15, `${rounds} rounds`);
});

t.test('the signal ends the rounds', async (t) => {
  const controller = new AbortController();
  let rounds = 0;
  const measured = measureRounds(
    { rounds: 5, signal: controller.signal },
    async () => {
      rounds += 1;
      if (rounds === 2) controller.abort();
      return rounds;
    },
    (round) => [round],
  );
  await t.rejects(measured, { name: 'AbortError' });
  t.equal(rounds, 2);
});
