/** The page docs/detection.md. It holds no times, so that two runs of the same kit write the same page. */

import { sectionOf } from '../../scenario/requirement.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { globOf } from '../../util/glob.ts';
import type { ConformingVariant, Mutant } from '../server/mutant.ts';
import type { Row } from './matrix.ts';
import type { Measured } from './measure.ts';
import { idsMatching } from './verdicts.ts';
import { isFalseAlarm } from './ways.ts';

export interface Matrix {
  readonly catalogue: readonly Scenario[];
  readonly mutants: readonly Mutant[];
  readonly variants: readonly ConformingVariant[];
  /** By the names of mutants and conforming variants. */
  readonly rows: ReadonlyMap<string, Row>;
  /** One for each mutant and conforming variant. */
  readonly measured: readonly Pick<Measured, 'isNamed'>[];
}

function failed(row: Row): string[] {
  return [...row].filter(([, verdict]) => verdict === 'fail').map(([id]) => id);
}

/** The scenarios that raised a false alarm on a conforming variant. */
function falseAlarmsOf(
  variant: ConformingVariant,
  row: Row,
  catalogue: readonly Scenario[],
): readonly Scenario[] {
  return catalogue.filter((scenario) => {
    const verdict = row.get(scenario.id);
    return verdict !== undefined && isFalseAlarm(variant, scenario, verdict);
  });
}

/** The totals, as the lines of a Markdown table. */
export function summary({ catalogue, mutants, variants, rows, measured }: Matrix): string[] {
  const failures = mutants.map((mutant) => failed(rowOf(mutant, rows)));
  const detected = failures.filter((ids) => ids.length > 0).length;
  const killers = new Set(failures.flat()).size;
  const falseAlarms = variants.flatMap((variant) => falseAlarmsOf(variant, rowOf(variant, rows), catalogue));
  const shown = measured.filter(({ isNamed }) => isNamed !== undefined);
  const named = shown.filter(({ isNamed }) => isNamed).length;
  return [
    '| | |',
    '| --- | ---: |',
    `| mutants detected | ${detected} of ${mutants.length} (${share(detected, mutants.length)}) |`,
    `| reports whose first failure is one that the mutant names | ${named} of ${shown.length} (${share(named, shown.length)}) |`,
    `| scenarios with a killer | ${killers} of ${catalogue.length} (${share(killers, catalogue.length)}) |`,
    `| false alarms on ${variants.length} conforming variants | ${falseAlarms.length} |`,
  ];
}

function rowOf({ name }: Mutant | ConformingVariant, rows: Matrix['rows']): Row {
  return rows.get(name) ?? new Map();
}

/** The page, as Markdown. */
export function detection(matrix: Matrix): string {
  const { catalogue, mutants, variants, rows } = matrix;
  const sections = [...new Set(catalogue.map(({ id }) => sectionOf(id)))];
  return [
    '# Detection',
    '',
    'This page shows which faults the kit detects, and that it raises no false alarm. Mutants are servers with one fault each. Conforming variants are servers that use a freedom of the protocol. Each of them is judged as a user would, by `conform --target HOST:PORT --tasks-dir DIR`. Scenarios that such a run skips, because they need `--exec`, `--pid` or `--slow`, run only against the mutants that name them. `npm run mutants -- --matrix` generates the page. `npm test` runs the pairs in the column _named_ on every commit. [authoring.md](authoring.md) describes how to add a server.',
    '',
    ...summary(matrix),
    '',
    '## Mutants',
    '',
    'The columns on the right count the failed scenarios of each section. The column _named_ counts the scenarios that the mutant must fail. Further failures are side effects of a broad fault: they do not make a mutant better.',
    '',
    `| mutant | clause | fault | named | ${sections.join(' | ')} |`,
    `| --- | --- | --- | ---: | ${sections.map(() => '---:').join(' | ')} |`,
    ...mutants.map((mutant) => {
      const failures = failed(rowOf(mutant, rows));
      const counts = sections.map(
        (section) => failures.filter((id) => sectionOf(id) === section).length || '',
      );
      const named = idsMatching(mutant.fails, catalogue).length;
      return `| ${mutant.name} | ${mutant.clause} | ${cell(mutant.fault)} | ${named} | ${counts.join(' | ')} |`;
    }),
    '',
    '## Conforming variants',
    '',
    '| variant | clause | freedom | passed | skipped | false alarms |',
    '| --- | --- | --- | ---: | ---: | ---: |',
    ...variants.map((variant) => {
      const row = rowOf(variant, rows);
      const count = (wanted: string): number =>
        [...row.values()].filter((verdict) => verdict === wanted).length;
      const alarms = falseAlarmsOf(variant, row, catalogue).length;
      return `| ${variant.name} | ${variant.clause} | ${cell(variant.freedom)} | ${count('pass')} | ${count('skipped')} | ${alarms} |`;
    }),
    '',
    '## Scenarios',
    '',
    'The mutants that each scenario kills. Those that name the scenario are listed first.',
    '',
    ...sections.flatMap((section) => [
      `### ${section}`,
      '',
      '| scenario | level | killed | killers |',
      '| --- | --- | ---: | --- |',
      ...catalogue
        .filter(({ id }) => sectionOf(id) === section)
        .map(({ id, level }) => {
          const killers = mutants.filter((mutant) => rowOf(mutant, rows).get(id) === 'fail');
          return `| ${id} | ${level} | ${killers.length} | ${shortened(killers, id)} |`;
        }),
      '',
    ]),
  ].join('\n');
}

/** The first six names, those of mutants that name the scenario before the others, and the number of the rest. */
function shortened(killers: readonly Mutant[], id: string): string {
  const isNamed = ({ fails }: Mutant): boolean => fails.some((pattern) => globOf(pattern).test(id));
  const names = [...killers.filter(isNamed), ...killers.filter((mutant) => !isNamed(mutant))].map(
    ({ name }) => name,
  );
  const most = 6;
  return names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

function share(part: number, whole: number): string {
  return `${Number(((100 * part) / whole).toFixed(1))} %`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
