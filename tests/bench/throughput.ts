import { generateSync } from "otplib";
import type { Database } from "@/lib/platform/database";
import { actionId } from "./activation";
import { milliseconds, type Row, timingsOf } from "./figures";
import { connections, type Post, postAll, requestsPerSecond } from "./load";
import { type Member, productionScope } from "./members";
import { type Cost, processorTimes } from "./processor-time";
import type { Server } from "./server";

const secondsEach = 3;
const rounds = 3;
const [bare, empty, shell] = ["/bench/route", "/bench/empty", "/bench/shell"];
/** Plain links: as much HTML as the empty page in the shell, Home, and the dashboard. */
const plain = [30, 100, 160].map((links) => `/bench/plain?links=${links}`);

/** The middle one of several figures. */
function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * Requests a second at sixteen connections, each page in turn and several times around, so that whatever else the
 * machine does falls on all of them. What counts are the ratios to the floors of the same round: a bare route handler
 * and an empty page of the same build.
 */
export async function benchThroughput(
  server: Server,
  database: Database,
  cookie: string,
  members: readonly Member[],
): Promise<Row[]> {
  const { id } = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const pages: readonly (readonly [what: string, path: string, aim?: string])[] = [
    ["bare route handler", bare],
    ["empty page", empty],
    ...plain.map((path) => [`plain links: ${path}`, path] as const),
    ["empty page in the shell", shell, "0.70 of the empty page"],
    ["My roles", "/my-roles", "0.45"],
    ["Home", "/", "0.45"],
    ["Roles", `/resources/${id}/roles`, "0.45"],
    ["Role settings", `/resources/${id}/settings`, "0.45"],
    ["audit log", "/audit", "0.25"],
    ["overview of a resource", `/resources/${id}`, "0.25"],
    ["dashboard", "/dashboard", "0.25"],
  ];
  for (const [, path] of pages) await requestsPerSecond(server.url + path, cookie, 1);
  const found: Map<string, number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const here = new Map<string, number>();
    for (const [, path] of pages)
      here.set(path, await requestsPerSecond(server.url + path, cookie, secondsEach));
    found.push(here);
  }
  const at = (path: string) => median(found.map((round) => round.get(path) ?? 0));
  const share = (path: string, floor: string) =>
    median(found.map((round) => (round.get(path) ?? 0) / (round.get(floor) ?? 1))).toFixed(2);
  const paths = pages.map(([, path]) => path);
  const costs = await processorTimes(server, cookie, paths, rounds);
  const rows = pages.map(([what, path, aim]) => ({
    what,
    measured: `${at(path).toFixed(0)} a second${costs ? `; ${costInWords(costs.get(path) ?? [])}` : ""}`,
    floor: `${share(path, bare)} of the bare route, ${share(path, empty)} of the empty page${costs ? `; by processor time ${costShare(costs, empty, path)}` : ""}`,
    aim,
  }));
  return [...rows, ...(await benchActivations(server, members, { bare: at(bare), cookie }))];
}

/** The middle of the rounds, in milliseconds of processor time for one request. */
function costInWords(costs: readonly Cost[]): string {
  const [serving, asking] = [costs.map((cost) => cost.serving), costs.map((cost) => cost.database)];
  return `${median(serving).toFixed(1)} ms serving, ${median(asking).toFixed(1)} ms database`;
}

/** How often a page could be answered for one answer of the other, by what both cost in the same round. */
function costShare(costs: ReadonlyMap<string, readonly Cost[]>, floor: string, path: string): string {
  const whole = (of: string) => (costs.get(of) ?? []).map((cost) => cost.serving + cost.database);
  const own = whole(path);
  return median(whole(floor).map((cost, round) => cost / (own[round] ?? cost))).toFixed(2);
}

/** Activations with their codes, as many at once; then the same with the page that is read after each. */
async function benchActivations(
  server: Server,
  members: readonly Member[],
  floor: { readonly bare: number; readonly cookie: string },
): Promise<Row[]> {
  const prepare = actionId("prepareActivation");
  const activate = actionId("activate");
  const sentTo = (member: Member, id: string): Pick<Post, "url" | "headers"> => ({
    url: `${server.url}/my-roles`,
    headers: { "next-action": id, accept: "text/x-component", origin: server.url, cookie: member.cookie },
  });
  const challenges = new Map<Member, string>();
  for (const member of members) challenges.set(member, await challengeFor(server, member, prepare));
  const posts = members.map(
    (member): Post => ({
      ...sentTo(member, activate),
      fields: () =>
        encoded({
          ...activationOf(member),
          challengeId: challenges.get(member) ?? "",
          code: generateSync({ secret: member.secret }),
        }),
      awaits: '"ok":true',
    }),
  );
  // The first hundred of each process take twice as long, and the next ones a fifth longer: the code is compiled for what it
  // meets. The floors have answered thousands by now.
  const warmUp = Math.floor(members.length / 2);
  await postAll(posts.slice(0, warmUp));
  const { durations, perSecond } = await postAll(posts.slice(warmUp));
  const { p50, p99 } = timingsOf(durations);
  // The floor of an action: it finds its caller and reads a form that it refuses.
  const refused: Post = {
    url: `${server.url}/my-roles`,
    headers: {
      "next-action": actionId("keepFavourite"),
      accept: "text/x-component",
      origin: server.url,
      cookie: floor.cookie,
    },
    fields: () => encoded({ roleDefinitionId: "none" }),
    awaits: '"ok":false',
  };
  const least = await postAll(Array.from({ length: members.length }, () => refused));
  return [
    {
      what: `an action that finds its caller and refuses its form, ${connections} clients`,
      measured: `${least.perSecond.toFixed(0)} a second`,
      floor: `${(least.perSecond / floor.bare).toFixed(2)} of the bare route`,
    },
    {
      what: `activation with a code, ${connections} clients`,
      measured: `${perSecond.toFixed(0)} a second, p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`,
      floor: `${(perSecond / floor.bare).toFixed(2)} of the bare route, p99 ${(p99 / p50).toFixed(1)} x p50`,
      aim: "0.12 of the bare route, 4 x",
    },
  ];
}

function activationOf(member: Member): Record<string, string> {
  return {
    eligibilityId: member.eligibilityId,
    resourceId: member.resourceId,
    when: "now",
    startsAt: "",
    duration: "1",
    justification: "Benchmark",
  };
}

/** A form as the browser's own runtime encodes it for an action: the fields first, then which argument they are. */
function encoded(fields: Readonly<Record<string, string>>): (readonly [name: string, value: string])[] {
  const named = Object.entries(fields).map(([name, value]) => [`_1_${name}`, value] as const);
  return [...named, ["0", '["$K1"]']];
}

async function challengeFor(server: Server, member: Member, id: string): Promise<string> {
  const body = new FormData();
  for (const [name, value] of encoded(activationOf(member))) body.append(name, value);
  const answer = await fetch(`${server.url}/my-roles`, {
    method: "POST",
    headers: { "next-action": id, accept: "text/x-component", origin: server.url, cookie: member.cookie },
    body,
  });
  const text = await answer.text();
  const challengeId = /"challengeId":"([0-9a-f-]{36})"/.exec(text)?.[1];
  if (!challengeId) throw new Error(`no challenge came back: ${text.slice(0, 300)}`);
  return challengeId;
}
