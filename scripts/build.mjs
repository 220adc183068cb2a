// Builds everything that npm start would build before it serves, for an image or a release.
import { build } from "./parts/build.mjs";
import { compileServer } from "./parts/compile.mjs";
import { errorText } from "./parts/fault.mjs";
import { checkNode, generateClient, install } from "./parts/install.mjs";

try {
  checkNode();
  await install();
  await generateClient();
  await compileServer();
  await build();
} catch (error) {
  console.error(`Not built: ${errorText(error)}`);
  process.exitCode = 1;
}
