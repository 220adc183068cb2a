/**
 * What the benchmark uses of the packages that only it installs (package.json). Types are checked where these packages are
 * not installed, so theirs are not read.
 */
declare module "autocannon" {
  interface Options {
    readonly url: string;
    readonly connections: number;
    readonly headers: Readonly<Record<string, string>>;
    /** How long, in seconds. */
    readonly duration?: number;
    /** How many requests, in place of a duration. */
    readonly amount?: number;
  }

  interface Result {
    readonly "2xx": number;
    readonly non2xx: number;
    readonly errors: number;
    readonly duration: number;
  }

  export default function autocannon(options: Options): Promise<Result>;
}

declare module "lighthouse" {
  interface Flags {
    /** Where the browser is controlled. */
    readonly port: number;
    readonly onlyCategories: readonly string[];
    readonly logLevel: "error";
  }

  interface Settings {
    readonly extends?: string;
    readonly settings?: object;
  }

  interface Audit {
    readonly id: string;
    readonly score: number | null;
    readonly scoreDisplayMode: string;
    readonly numericValue?: number;
  }

  export interface Result {
    readonly finalDisplayedUrl: string;
    /** Scores from 0 to 1. */
    readonly categories: Readonly<Record<string, { readonly score: number | null } | undefined>>;
    readonly audits: Readonly<Record<string, Audit>>;
  }

  export const desktopConfig: Settings;

  export default function lighthouse(
    address: string,
    flags: Flags,
    settings?: Settings,
  ): Promise<{ readonly lhr: Result } | undefined>;
}
