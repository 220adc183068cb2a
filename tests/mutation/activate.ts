import { inject } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** The changed source file of this run, and the number of the change. */
    mutant: { readonly file: string; readonly id: number } | null;
  }
}

interface Active {
  readonly key: string;
  restore(): void;
}

/** What this worker runs changed now. A worker runs the tests of many changes. */
const ofWorker: typeof globalThis & { activeMutant?: Active } = globalThis;

const mutant = inject("mutant");
const key = mutant ? `${mutant.file}?mutant=${mutant.id}` : "";
if (key !== (ofWorker.activeMutant?.key ?? "")) {
  ofWorker.activeMutant?.restore();
  delete ofWorker.activeMutant;
  if (mutant) ofWorker.activeMutant = await activate(mutant.file, key);
}

/** Gives everything that has imported a file the exports of its changed copy instead. */
async function activate(file: string, copy: string): Promise<Active> {
  const exports = await import(/* @vite-ignore */ file);
  const changed = await import(/* @vite-ignore */ copy);
  const original = Object.getOwnPropertyDescriptors(exports);
  for (const name of Object.keys(exports))
    Object.defineProperty(exports, name, { configurable: true, enumerable: true, get: () => changed[name] });
  return {
    key: copy,
    restore() {
      for (const name of Object.keys(exports))
        Object.defineProperty(exports, name, original[name] as PropertyDescriptor);
    },
  };
}
