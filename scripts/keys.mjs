import { runProgram } from "./parts/command.mjs";

await runProgram("keys");
