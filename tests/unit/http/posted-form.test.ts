import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { frontDoor } from "@/lib/server/http/front-door";

const known = `40${"a".repeat(40)}`;
const unknown = `40${"b".repeat(40)}`;

/** Serves as Postern does up to where Next.js would take over, and answers with what Next.js would read. */
const door = frontDoor({
  publicUrl: "http://localhost",
  local: true,
  trustedProxies: 0,
  development: false,
  health: { answers: async () => true, answer: async () => {}, readiness: async () => "ready" },
});
door.open(
  async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(200, { "content-type": request.headers["content-type"] ?? "" });
    response.end(Buffer.concat(chunks));
  },
  new Set([known]),
);
const server = createServer(door.answer);
let base: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const form = "multipart/form-data; boundary=XX";
const part = (name: string, value: string) =>
  `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const whole = (...parts: readonly string[]) => `${parts.join("")}--XX--\r\n`;
const post = (body: string, headers: Record<string, string>) =>
  fetch(`${base}/sign-in`, { method: "POST", body, headers: { origin: base, ...headers } });
const statusOf = async (body: string, headers: Record<string, string>) => (await post(body, headers)).status;

it("lets through what a page's own script sends, as it was", async () => {
  const fields = whole(part("_1_name", "Ada\r\nByron"), part("_1_name", "é"), part("0", '[null,"$K1"]'));
  const response = await post(fields, { "next-action": known, "content-type": form });
  expect(response.status).toBe(200);
  expect([...(await response.formData())]).toEqual([
    ["_1_name", "Ada\r\nByron"],
    ["_1_name", "é"],
    ["0", '[null,"$K1"]'],
  ]);
  const values = `["a","$$b","$$",{"c":[1]},"$undefined","$D2026-11-28T07:00:00.000Z","$-0","$T","$n12"]`;
  const list = await post(values, { "next-action": known, "content-type": "text/plain" });
  expect(await list.text()).toBe(values);
});

it("writes names and values anew as they were read, and files too", async () => {
  const form = new FormData();
  const texts = [
    ['_1_a"b\r\nc', "--XX--\r\n"],
    ["_1_\u00e9\u{1f600}", 'Content-Disposition: form-data; name="0"'],
    ["_1_empty", ""],
    ["_1_lines", "one\ntwo\rthree\r\n"],
    ["0", '["$K1"]'],
  ] as const;
  for (const [name, value] of texts) form.append(name, value);
  const sent = (body: FormData) =>
    fetch(`${base}/sign-in`, { method: "POST", body, headers: { origin: base, "next-action": known } });
  // As undici's own writer would have sent it.
  const expected = [...(await new Response(form).formData())];
  expect([...(await (await sent(form)).formData())]).toEqual(expected);
  form.append("_1_file", new File(["a\r\n\0b"], "a.txt", { type: "text/plain" }));
  const file = (await (await sent(form)).formData()).get("_1_file") as File;
  expect([file.name, await file.text()]).toEqual(["a.txt", "a\r\n\0b"]);
});

it("lets through a form that is sent without scripts, with and without bound arguments", async () => {
  const named = (bound: unknown) => part("$ACTION_1:0", JSON.stringify({ id: known, bound }));
  for (const body of [
    whole(part(`$ACTION_ID_${known}`, ""), part("email", "ada@contoso.example")),
    whole(part("$ACTION_REF_1", ""), named(null)),
    whole(part("$ACTION_REF_1", ""), named("$@1"), part("$ACTION_1:1", '[{"message":null}]')),
  ])
    expect(await statusOf(body, { "content-type": form }), body).toBe(200);
});

it("lets through what an identity provider posts when somebody signs out there, which is no form of a page", async () => {
  const message = { method: "POST", body: new URLSearchParams({ logout_token: "a.b.c" }) };
  const response = await fetch(`${base}/api/auth/back-channel/contoso`, message);
  expect([response.status, await response.text()]).toEqual([200, "logout_token=a.b.c"]);
  // Nowhere else.
  const headers = { origin: base };
  expect((await fetch(`${base}/api/auth/callback/contoso`, { ...message, headers })).status).toBe(405);
});

it("answers what cannot be read with 400 in plain words, whoever asks", async () => {
  const reference = part("$ACTION_REF_1", "");
  const bound = part("$ACTION_1:0", JSON.stringify({ id: known, bound: "$@1" }));
  const called: Record<string, string> = { "next-action": known };
  const forms: [string, Record<string, string>][] = [
    ["--XX\r\nnonsense\r\n\r\nb\r\n--XX--\r\n", called],
    ["--XX\r\nContent-Disposition: form-data\r\n\r\nb\r\n--XX--\r\n", called],
    [part("0", "[]"), called],
    [whole(part("a", "b")), called],
    [whole(part("0", "[")), called],
    [whole(part("0", "[]"), part("0", "[]")), called],
    [whole(part("0", '["$0:constructor:constructor"]')), called],
    [whole(part("0", '["$@1"]')), called],
    ...[
      "$1",
      "$1:a",
      "$h1",
      "$Q1",
      "$i1",
      "$B1",
      "$o1",
      "$g1",
      "$r1",
      "$x1",
      "$S1",
      "$n".padEnd(400, "9"),
    ].map((text): [string, Record<string, string>] => [whole(part("0", JSON.stringify([[text]]))), called]),
    // Names that React reads as the number 0, before or beside the field that was judged.
    ...["00", "0x0", " 0", "0.0", "-0", "0e5", "S0", "1", "S1", "", "email"].map(
      (name): [string, Record<string, string>] => [
        whole(part(name, '["$@1"]'), part("0", '["$K1"]')),
        called,
      ],
    ),
    [whole(part("0", "[]"), ...Array.from({ length: 2_001 }, () => part("_1_a", ""))), called],
    [whole(part("0", `${"[".repeat(20_000)}${"]".repeat(20_000)}`)), called],
    ["", {}],
    [whole(part("email", "ada@contoso.example")), {}],
    [whole(reference), {}],
    [whole(reference, part("$ACTION_1:0", "{")), {}],
    [whole(reference, bound), {}],
    [whole(reference, part("$ACTION_1:0", JSON.stringify({ id: known, bound: null, more: ["$R5"] }))), {}],
    [whole(reference, bound, part("$ACTION_1:1", "[{")), {}],
    // A list with one entry is written like that entry, and means something else.
    [
      whole(
        reference,
        part("$ACTION_1:0", JSON.stringify({ id: known, bound: ["$@1"] })),
        part("$ACTION_1:1", "[]"),
      ),
      {},
    ],
    [whole(part(`$ACTION_ID_${known}`, ""), part(`$ACTION_ID_${unknown}`, "")), {}],
  ];
  for (const [body, headers] of forms)
    expect(await statusOf(body, { ...headers, "content-type": form }), body.slice(0, 120)).toBe(400);
  expect(await statusOf(whole(part("a", "b")), { "content-type": "multipart/form-data" })).toBe(400);
  for (const body of ["", "{}", '["$1"]', `${"[".repeat(20_000)}${"]".repeat(20_000)}`])
    expect(await statusOf(body, { ...called, "content-type": "text/plain" }), body.slice(0, 20)).toBe(400);
});

it("answers a page that is older than the server, in the way that it can show", async () => {
  const script = await post("[]", { "next-action": unknown, "content-type": "text/plain" });
  expect(script.status).toBe(409);
  expect(script.headers.get("x-nextjs-action-not-found")).toBe("1");
  const body = whole(part(`$ACTION_ID_${unknown}`, ""));
  const page = await post(body, { "content-type": form, accept: "text/html" });
  expect(page.status).toBe(409);
  expect(await page.text()).toContain("<h1>This page is out of date</h1>");
});

it("takes no other body, and no other method, and nothing from elsewhere", async () => {
  for (const type of ["text/plain", "application/json", "application/x-www-form-urlencoded"])
    expect(await statusOf("a=b", { "content-type": type }), type).toBe(405);
  for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const response = await fetch(`${base}/sign-in`, { method });
    expect(response.status, method).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
  }
  const foreign = { "content-type": form, origin: "https://evil.example" };
  expect(await statusOf(whole(part(`$ACTION_ID_${known}`, "")), foreign)).toBe(403);
});
