/**
 * What the mutation tester uses of a package that only it installs (package.json). Types are checked where it is not
 * installed, so its own are not read.
 */
declare module "@stryker-mutator/instrumenter" {
  type Level = "Trace" | "Debug" | "Info" | "Warn" | "Error" | "Fatal";
  type Logger = Readonly<Record<`is${Level}Enabled`, () => boolean>> &
    Readonly<Record<Lowercase<Level>, () => void>>;

  /** Both from 0. */
  interface Place {
    readonly line: number;
    readonly column: number;
  }

  interface Mutant {
    readonly status?: string;
    readonly location: { readonly start: Place; readonly end: Place };
    readonly replacement: string;
    readonly mutatorName: string;
  }

  export class Instrumenter {
    constructor(logger: Logger);
    instrument(
      files: readonly { readonly name: string; readonly mutate: boolean; readonly content: string }[],
      options: {
        readonly plugins: null;
        readonly excludedMutations: readonly string[];
        readonly ignorers: readonly [];
      },
    ): Promise<{ readonly mutants: readonly Mutant[] }>;
  }
}
