import { runProgram } from "./parts/command.mjs";

await runProgram("rotate");
