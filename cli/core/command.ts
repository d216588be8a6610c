/** The shape of a command: its arguments and options as data, and the function that runs it. */

import type { ArgumentsCamelCase, InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import type { ExitName, ExitStatus } from '../../conformance/report/exit-status.ts';
import type { Context } from './context.ts';

export type OptionTable = Readonly<Record<string, Options>>;
type PositionalTable = Readonly<Record<string, PositionalOptions>>;

/**
 * What a command does at the first signal. 'ends': it ends at once, because it has nothing to complete. 'stops': it stops by
 * itself, soon, and completes its report. 'closes': it runs until a signal comes, and its own exit status counts.
 */
export type OnSignal = 'ends' | 'stops' | 'closes';

/**
 * The part of a configuration file that holds for a command: all that judges, the campaign, what names the target, the client
 * or the library, the store of a node, its peer, or whichever of the two is there.
 */
export type Configured =
  | 'run'
  | 'gate'
  | 'fuzz'
  | 'replay'
  | 'client'
  | 'library'
  | 'store'
  | 'peer'
  | 'store-or-peer';

interface Description {
  /** The name and the arguments in the syntax of yargs, such as 'submit <text>'. */
  readonly usage: string;
  /** Whether it runs when the command line names no command. Default false. */
  readonly isDefault?: boolean;
  /** One line for the list of commands. */
  readonly describe: string;
  /** What an exit status means for this command. The help adds the statuses that every command may end with. */
  readonly exits: Readonly<Partial<Record<ExitName, string>>>;
  /** Pairs of options that exclude each other. */
  readonly conflicts?: readonly (readonly [string, string])[];
  /** A command line, where $0 stands for `conform`, and what it is for. */
  readonly examples: readonly (readonly [string, string])[];
  /** Whether what it prints is its result: exit status 2 then says that standard output was full. Default false. */
  readonly printsResult?: boolean;
  /** Which options may come from a configuration file. Default: none. */
  readonly configured?: Configured;
}

export interface Command extends Description {
  /** By the names in `usage`, in the same order. */
  readonly positionals: PositionalTable;
  /** By their names on the command line, without dashes. */
  readonly options: OptionTable;
  /** For these values. Throws nothing. */
  readonly onSignal: (given: unknown) => OnSignal;
  /** Takes the values of `positionals` and `options`. Throws UsageError, and what explainFailure explains. */
  readonly run: (given: unknown, context: Context) => Promise<ExitStatus>;
}

/** The values of a table of options, each by its name and by its name in camel case. */
export type Given<Table extends Readonly<Record<string, Options | PositionalOptions>>> = ArgumentsCamelCase<
  InferredOptionTypes<Table>
>;

/** A command whose `run` gets values of the types that `positionals` and `options` declare. */
export function command<
  const Positionals extends PositionalTable = Readonly<Record<never, never>>,
  const Table extends OptionTable = Readonly<Record<never, never>>,
>(
  spec: Description & {
    readonly positionals?: Positionals;
    readonly options: Table;
    /** Default 'ends'. */
    readonly onSignal?: OnSignal | ((given: Given<Positionals & Table>) => OnSignal);
    readonly run: (given: Given<Positionals & Table>, context: Context) => Promise<ExitStatus>;
  },
): Command {
  const { positionals = {}, onSignal = 'ends', run, ...rest } = spec;
  return {
    ...rest,
    positionals,
    onSignal: (given) =>
      typeof onSignal === 'function' ? onSignal(given as Given<Positionals & Table>) : onSignal,
    // The values were read by the same tables that the type is inferred from.
    run: (given, context) => run(given as Given<Positionals & Table>, context),
  };
}
