import { expect } from "@playwright/test";
import { signIn, test } from "../../support/e2e/e2e";
import { server } from "../../support/e2e/server";
import { serverAction } from "../../support/e2e/server-actions";

/** The maximum size of a form (`bodySizeLimit` of next.config.js), minus its framing. */
const room = 256 * 1024 - 300;
/** How long the slowest may keep the server busy, on a slow machine with other work. */
const patienceMilliseconds = 5_000;

const times = (text: string, bytes = room) => text.repeat(Math.floor(bytes / text.length));
const list = (text: string) => `[${times(`${text},`)}0]`;
const nested = (open: string, close: string, core = "0") => {
  const levels = Math.floor((room - core.length) / (open.length + close.length));
  return `${open.repeat(levels)}${core}${close.repeat(levels)}`;
};
const part = (name: string, value: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const formOf = (...parts: readonly string[]) => `${parts.join("")}--x--\r\n`;

/** Serialised arguments, each of which was costly for some parser of such bodies. */
const texts: Readonly<Record<string, string>> = {
  "lists in lists": nested("[", "]"),
  "objects in objects": `[${nested('{"a":', "}").slice(0, room)}]`,
  "a list that is never closed": times("["),
  "many numbers": list("1"),
  "many empty objects": list("{}"),
  "many keys": `[{${times('"kkkkkkkk":1,')}"k":1}]`,
  "many references to one form": list('"$K1"'),
  "references to each other": list('"$1"'),
  "many opaque values": list('"$T"'),
  "a number of many digits": `[${times("9")}]`,
  "a whole number of many digits": `["$n${times("9")}"]`,
  "one long text": `["${times("x")}"]`,
  "many escapes": `["${times("\\u0041")}"]`,
  "keys of prototypes": list('{"__proto__":{"constructor":{"prototype":{}}}}'),
};

/** The same as forms. */
const forms: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, formOf(part("0", text))])),
  "many fields": formOf(times(part("_1_a", "")), part("0", '["$K1"]')),
  "fields with names of their own": formOf(
    ...Array.from({ length: 3_000 }, (_, index) => part(`_1_${index}`, "")),
    part("0", '["$K1"]'),
  ),
  "as many fields as are taken": formOf(
    ...Array.from({ length: 1_990 }, (_, index) => part(`_1_${index}`, "x")),
    part("0", '["$K1"]'),
  ),
  "the arguments many times": formOf(times(part("0", "[]"))),
  "a part for each number": formOf(
    ...Array.from({ length: 3_000 }, (_, index) => part(String(index), `["$@${index + 1}"]`)),
  ),
  "many references and many fields": formOf(
    times(part("_1_a", ""), room / 2),
    part("0", `[${times('"$K1",', room / 2)}0]`),
  ),
  "a long name": formOf(part(`_1_${times("n", room - 200)}`, "x"), part("0", '["$K1"]')),
  "what stands before the first part": `${times("y", room - 200)}\r\n${formOf(part("0", "[]"))}`,
  "almost the boundary": formOf(part("_1_a", times("\r\n--", room - 400)), part("0", '["$K1"]')),
  "a part without an end": `--x\r\n${times("A: b\r\n")}`,
};

test("denial of service through server actions (CVE-2026-23870): large and deep bodies are answered soon, and so is everybody else", async ({
  page,
  context,
}) => {
  test.setTimeout(240_000);
  await signIn(page, "auditor");
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const { url } = server();
  const post = async (path: string, headers: Record<string, string>, body: string) => {
    const begun = performance.now();
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      redirect: "manual",
      headers: { origin: url, ...headers },
      body,
    });
    await response.arrayBuffer();
    return { status: response.status, milliseconds: performance.now() - begun };
  };
  const [stranger, own] = [serverAction("signInAction"), serverAction("activate")];
  const callsOf = (name: string, type: string, body: string) => [
    {
      name: `stranger, ${name}`,
      path: stranger.path,
      headers: { "content-type": type, "next-action": stranger.id },
      body,
    },
    {
      name: `own, ${name}`,
      path: own.path,
      headers: { "content-type": type, "next-action": own.id, cookie },
      body,
    },
  ];
  const multipart = "multipart/form-data; boundary=x";
  const calls = [
    ...Object.entries(texts).flatMap(([name, body]) => callsOf(`text: ${name}`, "text/plain", body)),
    ...Object.entries(forms).flatMap(([name, body]) => [
      ...callsOf(`form: ${name}`, multipart, body),
      // As a page without its script sends a form.
      { name: `no script: ${name}`, path: stranger.path, headers: { "content-type": multipart }, body },
    ]),
  ];
  const slow: Record<string, number> = {};
  for (const { name, path, headers, body } of calls) {
    const { status, milliseconds } = await post(path, headers, body);
    expect(status, name).toBeLessThan(500);
    if (milliseconds > patienceMilliseconds) slow[name] = milliseconds;
  }
  expect(slow).toEqual({});

  // All at the same time, with other requests in between.
  const flood = Promise.all(calls.map(({ path, headers, body }) => post(path, headers, body)));
  for (const path of ["/healthz", "/sign-in"]) {
    const begun = performance.now();
    const response = await fetch(`${url}${path}`);
    await response.arrayBuffer();
    expect(response.status, path).toBe(200);
    expect(performance.now() - begun, path).toBeLessThan(2 * patienceMilliseconds);
  }
  for (const { status } of await flood) expect(status).toBeLessThan(500);
  expect((await page.goto("/my-roles"))?.status()).toBe(200);
});
