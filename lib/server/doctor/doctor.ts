import { examine } from "@/lib/server/doctor/examine";
import { exitCodeOf, reportOf } from "@/lib/server/doctor/finding";

// npm run doctor: checks the installation and says what to do. With --json it prints the findings for a
// monitor. The exit code is 0 if all is in order, 1 with a warning, 2 with a fault. Run it with the environment
// with which Postern is started.
const findings = await examine(process.env);
console.log(process.argv.includes("--json") ? JSON.stringify(findings, null, 2) : reportOf(findings));
process.exitCode = exitCodeOf(findings);
