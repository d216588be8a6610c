/** The conforming variants in every way: pairs of a variant and a way → false alarms, computed by worker threads. */

import { availableParallelism } from 'node:os';
import { variants } from '../index.ts';
import { mapInThreads, workHere } from './parallel.ts';
import { type Alarm, type Played, play, ways } from './ways.ts';

/** More threads than cores, because servers and scenarios wait for much of their time. */
const THREADS = 2 * availableParallelism();

export interface Cell {
  readonly variant: string;
  readonly way: string;
  /** Determines the order of the scenarios. */
  readonly seed: number;
}

/** Which cells are played. An empty list stands for all. */
export interface Selection {
  readonly variants: readonly string[];
  readonly ways: readonly string[];
  readonly rounds: number;
}

export function cellsOf(selection: Selection): Cell[] {
  const isIn = (names: readonly string[], name: string): boolean =>
    names.length === 0 || names.includes(name);
  const seeds = Array.from({ length: selection.rounds }, (_, at) => at + 1);
  return seeds.flatMap((seed) =>
    variants
      .filter(({ name }) => isIn(selection.variants, name))
      .flatMap((variant) =>
        ways
          .filter(({ name }) => isIn(selection.ways, name))
          .map((way) => ({ variant: variant.name, way: way.name, seed })),
      ),
  );
}

/** Plays every cell. Calls `onResult` when one is done. */
export async function playCells(
  cells: readonly Cell[],
  folder: string,
  onResult: (cell: Cell, played: Played) => void,
): Promise<Played[]> {
  return await mapInThreads(cells, { program: import.meta.filename, count: THREADS, data: folder, onResult });
}

async function playCell({ variant: name, way: wayName, seed }: Cell, folder: string): Promise<Played> {
  const variant = variants.find((other) => other.name === name);
  const way = ways.find((other) => other.name === wayName);
  if (variant === undefined || way === undefined)
    throw new Error(`there is no ${name} in the way ${wayName}`);
  return await play(variant, way, { folder, seed });
}

/** One line for each variant, one column for each way: how many alarms of each kind, over all rounds. */
export function tableOf(cells: readonly Cell[], results: readonly Played[]): string[] {
  const rows = new Map<string, Map<string, Alarm[]>>();
  for (const [at, { variant, way }] of cells.entries()) {
    const alarms = results[at]?.alarms ?? [];
    const row = rows.get(variant) ?? new Map<string, Alarm[]>();
    row.set(way, [...(row.get(way) ?? []), ...alarms]);
    rows.set(variant, row);
  }
  const columns = ways
    .map(({ name }) => name)
    .filter((way) => [...rows.values()].some((row) => row.has(way)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['variant', ...columns]),
    line(['---', ...columns.map(() => '---')]),
    ...[...rows].map(([name, row]) => line([name, ...columns.map((way) => counted(row.get(way)))])),
  ];
}

function counted(alarms: readonly Alarm[] | undefined): string {
  if (alarms === undefined) return '';
  const counts = new Map<string, number>();
  for (const { kind } of alarms) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts.size === 0 ? '0' : [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}

workHere(import.meta.filename, playCell);
