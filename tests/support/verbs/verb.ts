import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import type { Organisation } from "../privileges";

/** A part of an organisation, the administrator of that part only, and the administrator of the whole. */
export interface Ground {
  readonly at: Organisation;
  readonly now: Date;
  readonly place: { readonly id: string; readonly scope: string };
  readonly admin: Caller;
  readonly root: Caller;
}

/** A call of a verb that succeeds for an authorised caller. */
export interface Attempt {
  readonly caller: Caller;
  readonly input: unknown;
  /** Calls it with the changed input, and with a proof for exactly that if the verb requires one. */
  readonly call: (caller: Caller, input: unknown) => Promise<unknown>;
}

export interface Verb {
  /** The file of the verb in lib/operations. */
  readonly file: string;
  /** Parts of the input that may name anything anywhere, by their last property name. */
  readonly anywhere: readonly string[];
  readonly arrange: (ground: Ground) => Promise<Attempt>;
}

interface Call<Input> {
  readonly caller: Caller;
  readonly input: Input;
  /** The operation of the proof, if the verb requires one. */
  readonly operation?: (input: Input) => ProtectedOperation;
  readonly run: (caller: Caller, input: Input, proofId: string | null) => Promise<unknown>;
}

/** A call whose input a test may change. It keeps its shape, whatever its values. The only cast. */
export function given<Input>({ caller, input, operation, run }: Call<Input>): Call<unknown> {
  return {
    caller,
    input,
    ...(operation ? { operation: (changed) => operation(changed as Input) } : {}),
    run: (by, changed, proofId) => run(by, changed as Input, proofId),
  };
}

/** A verb of the table. */
export function verb(
  file: string,
  arrange: (ground: Ground) => Promise<Call<unknown>>,
  anywhere: readonly string[] = [],
): Verb {
  return {
    file,
    anywhere,
    async arrange(ground) {
      const { caller, input, operation, run } = await arrange(ground);
      return {
        caller,
        input,
        async call(by, changed) {
          const proofId = operation ? await ground.at.prove(operation(changed), by) : null;
          return run(by, changed, proofId);
        },
      };
    },
  };
}

export const because = { justification: "As agreed" };

/** Whether a call had any effect; for a batch, on any of its rows. */
export function succeeded(result: unknown): boolean {
  if (Array.isArray(result)) return result.some((each) => succeeded(each.result ?? each));
  return typeof result === "object" && result !== null && "ok" in result && result.ok === true;
}

/** A string in an input: its path, and its last property name. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  readonly name: string;
  readonly value: string;
}

/** Every string of an input. */
export function leavesOf(value: unknown, path: readonly (string | number)[] = []): Leaf[] {
  if (typeof value === "string") {
    const name = path.filter((part) => typeof part === "string").at(-1);
    return [{ path, name: String(name), value }];
  }
  if (value instanceof Date || value instanceof Uint8Array || value instanceof Map) return [];
  if (Array.isArray(value)) return value.flatMap((each, index) => leavesOf(each, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => leavesOf(each, [...path, name]));
}

/** The input with one part replaced. */
export function replaced(value: unknown, path: readonly (string | number)[], by: string): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return by;
  if (Array.isArray(value))
    return value.map((each, index) => (index === part ? replaced(each, rest, by) : each));
  if (typeof value !== "object" || value === null) throw new Error("there is no such part");
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, name === part ? replaced(each, rest, by) : each]),
  );
}
