// Runs an earlier version and this one side by side on one database: npm run test:upgrade -- REF, a tag or a commit.
import { execFileSync } from "node:child_process";
import { errorText } from "./parts/fault.mjs";
import { generateClient, install } from "./parts/install.mjs";

const [ref] = process.argv.slice(2);
try {
  if (!ref) throw new Error("name the version that serves now: npm run test:upgrade -- REF");
  execFileSync("git", ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  await install();
  await generateClient();
  const { runInstalled } = await import("./parts/run.mjs");
  await runInstalled("playwright", ["test", "--config", "tests/upgrade/playwright.config.ts"], {
    POSTERN_FORMER: ref,
  });
} catch (error) {
  console.error(errorText(error));
  process.exitCode = 1;
}
