import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generateSync } from "otplib";
import pg from "pg";
import { findCaller } from "@/lib/identity/sessions/sessions";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import { activateRole } from "@/lib/operations/activation/activate-role";
import type { Database } from "@/lib/platform/database";
import { milliseconds, type Row, ratio, timeRuns, timingsOf } from "./figures";
import { contributorId, type Member, productionScope, serverKeys } from "./members";
import type { Server } from "./server";

const done = '"ok":true';
/** Activations that do not count: the first hundred of a process take twice as long. */
const warmUp = 100;

/** The id by which the built product knows a server action. */
export function actionId(name: string): string {
  const file = join(process.env.POSTERN_DIST_DIR || ".next", "server", "server-reference-manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as {
    node: Record<string, { exportedName?: string; filename?: string }>;
  };
  const found = Object.entries(manifest.node).find(
    ([, action]) => action.exportedName === name && action.filename?.includes("my-roles"),
  );
  if (!found) throw new Error(`the build has no server action ${name}`);
  return found[0];
}

/**
 * Calls a server action with one form, as the browser's own runtime encodes it, and answers with what came back, and
 * when `awaitedCodeDetails` was in it: the action's answer is at the front, the page that shows it comes behind.
 */
async function callAction(
  server: Server,
  member: Member,
  id: string,
  fields: Record<string, string>,
  awaitedCodeDetails = "",
) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(`_1_${name}`, value);
  body.append("0", '["$K1"]');
  const response = await fetch(`${server.url}/my-roles`, {
    method: "POST",
    headers: { "next-action": id, accept: "text/x-component", origin: server.url, cookie: member.cookie },
    body,
  });
  const decoder = new TextDecoder();
  let text = "";
  let answeredAt: number | null = null;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (answeredAt === null && text.includes(awaitedCodeDetails)) answeredAt = performance.now();
  }
  return { text, answeredAt: answeredAt ?? performance.now() };
}

/** From the submission of a right code to the whole answer, each by another member; then the same work's floor. */
export async function benchActivation(
  server: Server,
  database: Database,
  members: readonly Member[],
): Promise<Row[]> {
  const [prepare, activate] = [actionId("prepareActivation"), actionId("activate")];
  const answers: number[] = [];
  const pages: number[] = [];
  const [measured, floored] = [members.slice(0, -1), members.at(-1)];
  for (const member of measured) {
    const fields = {
      eligibilityId: member.eligibilityId,
      resourceId: member.resourceId,
      when: "now",
      startsAt: "",
      duration: "1",
      justification: "Benchmark",
    };
    const prepared = await callAction(server, member, prepare, fields);
    const challengeId = /"challengeId":"([0-9a-f-]{36})"/.exec(prepared.text)?.[1];
    if (!challengeId) throw new Error(`no challenge came back: ${prepared.text.slice(0, 300)}`);
    const code = generateSync({ secret: member.secret });
    const start = performance.now();
    const answer = await callAction(server, member, activate, { ...fields, challengeId, code }, done);
    answers.push(answer.answeredAt - start);
    pages.push(performance.now() - start);
    if (!answer.text.includes(done))
      throw new Error(`the activation was refused: ${answer.text.slice(0, 300)}`);
  }
  const activated = await database.client.assignment.count({
    where: {
      principalId: { in: measured.map((member) => member.userId) },
      roleDefinitionId: contributorId,
      resource: { scope: productionScope },
    },
  });
  if (activated !== measured.length)
    throw new Error(`${activated} of ${measured.length} activations are there`);
  const answer = timingsOf(answers.slice(warmUp));
  const page = timingsOf(pages.slice(warmUp));
  const floor = floored ? await floorOf(server, database, floored) : null;
  return [
    {
      what: "activation with a code, one client, to its answer",
      measured: `p50 ${milliseconds(answer.p50)}, p95 ${milliseconds(answer.p95)}`,
      floor: floor ? `${ratio(answer.p50, floor)} (${milliseconds(floor)}: its statements through pg)` : "",
      aim: "p50 under 40 ms",
    },
    {
      what: "the same, to the end of the page that comes with it",
      measured: `p50 ${milliseconds(page.p50)}, p95 ${milliseconds(page.p95)}`,
      floor: floor ? ratio(page.p50, floor) : "",
    },
  ];
}

/** The statements of one activation with its code, taken down as they are sent, then sent by `pg` and rolled back. */
async function floorOf(server: Server, database: Database, member: Member): Promise<number> {
  const origin = { ipAddress: "127.0.0.1", userAgent: "bench" };
  const input = { eligibilityId: member.eligibilityId, resourceId: member.resourceId, durationMinutes: 60 };
  const signedIn = await findCaller(database, member.session, origin);
  const challenge =
    signedIn &&
    (await createChallenge(database, signedIn, { kind: "ActivateRole", ...input, startsAt: null }));
  if (!challenge) throw new Error("the floor has no challenge");
  const statements = await recorded(async () => {
    const caller = await findCaller(database, member.session, origin);
    if (!caller) throw new Error("the floor's session is not good");
    const met = await meetChallenge(database, serverKeys(server), caller, {
      challengeId: challenge.challengeId,
      code: generateSync({ secret: member.secret }),
    });
    const result = await activateRole(database, caller, {
      ...input,
      startsAt: null,
      justification: "Benchmark",
      ticketNumber: null,
      ticketSystem: null,
      proofId: met.ok ? met.proofId : null,
    });
    if (!result.ok) throw new Error(`the floor's activation was refused: ${JSON.stringify(result.error)}`);
  });
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  try {
    // What stands in the way of the same rows once more, in a database that ends with this run.
    await client.query("ALTER TABLE step_up_proofs DROP CONSTRAINT step_up_proofs_challenge_id_key");
    await client.query("UPDATE assignments SET ends_at = starts_at WHERE principal_id = $1", [member.userId]);
    const { p50 } = await timeRuns(50, async () => {
      await client.query("BEGIN");
      for (const { text, values } of statements) await client.query(text, values);
      await client.query("ROLLBACK");
    });
    return p50;
  } finally {
    await client.end();
  }
}

/** What is sent to PostgreSQL while the work runs, less the ends of its transactions. */
async function recorded(work: () => Promise<void>): Promise<{ text: string; values: unknown[] }[]> {
  const statements: { text: string; values: unknown[] }[] = [];
  const query = pg.Client.prototype.query;
  const recorder = function (this: pg.Client, ...parameters: unknown[]) {
    const [first, second] = parameters;
    const config =
      typeof first === "string"
        ? { text: first }
        : (first as { text?: string; values?: unknown[] } | undefined);
    if (typeof config?.text === "string") {
      const values = Array.isArray(second) ? second : "values" in config ? config.values : undefined;
      statements.push({ text: config.text, values: values ?? [] });
    }
    return Reflect.apply(query, this, parameters);
  };
  pg.Client.prototype.query = recorder as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return statements.filter(({ text }) => !/^\s*(BEGIN|COMMIT|ROLLBACK|SET TRANSACTION|START)/i.test(text));
}
