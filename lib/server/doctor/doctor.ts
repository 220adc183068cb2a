import { examine } from "@/lib/server/doctor/examine";
import { exitCodeOf, reportOf } from "@/lib/server/doctor/finding";

// npm run doctor: looks the installation over and says what to do. With --json the findings, for a monitor. The exit code
// is 0 if all is in order, 1 with a warning, 2 with a fault. Give it the environment that Postern is started with.
const findings = await examine(process.env);
console.log(process.argv.includes("--json") ? JSON.stringify(findings, null, 2) : reportOf(findings));
process.exitCode = exitCodeOf(findings);
