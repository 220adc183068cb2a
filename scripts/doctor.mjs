import { runProgram } from "./parts/command.mjs";

await runProgram("doctor", { faultCode: 2 });
