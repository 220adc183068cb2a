import { compiled, compileServer } from "@/scripts/parts/compile.mjs";

/** The file of a program of the server as a start compiles it. It begins in a quarter of the time that its source takes. */
export async function compiledProgram(name: Parameters<typeof compiled>[0]): Promise<string> {
  await compileServer();
  return compiled(name);
}
