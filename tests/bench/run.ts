import { benchActivation } from "./activation";
import { printSection } from "./figures";
import { benchLighthouse } from "./lighthouse";
import { makeMembers, openServerDatabase, startSession } from "./members";
import { benchPages } from "./pages";
import { benchScale } from "./scale";
import { startServer } from "./server";
import { benchThroughput } from "./throughput";

// `npm run bench` measures all of it; `npm run bench -- activation pages throughput lighthouse scale` only the parts named.
const asked = new Set(process.argv.slice(2));
const wanted = (part: string) => asked.size === 0 || asked.has(part);

const floors = wanted("throughput");
// Actions have other ids in the build with floors.
if (floors) process.env.POSTERN_DIST_DIR = ".next-bench";
const server = await startServer({ floors });
const database = openServerDatabase(server);
try {
  const owner = await database.client.principal.findFirstOrThrow({
    where: { email: "owner@contoso.example" },
  });
  const { cookie } = await startSession(server, database, owner.id);
  if (wanted("pages")) printSection("Pages, one client", await benchPages(server, database, cookie));
  if (wanted("activation")) {
    const members = await makeMembers(server, database, 200);
    printSection("Activation", await benchActivation(server, database, members));
  }
  if (floors) {
    const members = await makeMembers(server, database, 600);
    printSection("Throughput", await benchThroughput(server, database, cookie, members));
  }
  if (wanted("lighthouse")) printSection("Lighthouse", await benchLighthouse(server, database, cookie));
  if (wanted("scale"))
    printSection("At a thousand times the size", await benchScale(server, database, cookie));
  printSection("Memory", [
    {
      what: "the serving processes",
      measured:
        server
          .memory()
          ?.map((megabytes) => `${megabytes} MB`)
          .join(", ") ?? "unknown",
      aim: "each under 400 MB",
    },
  ]);
} finally {
  await database.close();
  await server.stop();
}
