import { runCommand } from "./parts/command.mjs";

await runCommand("backup");
