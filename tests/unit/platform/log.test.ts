import { afterEach, expect, it, vi } from "vitest";
import { faultText, log, withoutPeople } from "@/lib/platform/log";
import { inLogContext, noteCaller } from "@/lib/platform/log-context";
import { logLevelOf, openLog, takeConsole } from "@/lib/server/open-log";

const held = globalThis as { posternLog?: unknown };
afterEach(() => {
  delete held.posternLog;
  vi.restoreAllMocks();
});

/** A log that is written nowhere, and its lines. */
function written({
  level = null,
  isTTY = false,
}: {
  level?: ReturnType<typeof logLevelOf>;
  isTTY?: boolean;
} = {}) {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text) > 0;
  return { lines, opened: openLog({ process: "server", level, output: { write, isTTY } as never }) };
}

it("writes a line of JSON each, with what is being done and who asks", () => {
  const { lines } = written();
  inLogContext({ requestId: "r1", correlationId: "r1" }, () => {
    noteCaller("u1");
    log().info("request", { path: "/my-roles", ms: 3 });
  });
  inLogContext({ requestId: "r2", correlationId: "c2" }, () => log().warn("slow"));
  log().debug("nobody asked for this");
  expect(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
  const [first, second, ...more] = lines.map((line) => JSON.parse(line));
  expect(first).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    process: "server",
    requestId: "r1",
    userId: "u1",
    path: "/my-roles",
    ms: 3,
    msg: "request",
  });
  expect(second).toMatchObject({ level: "warn", requestId: "r2", correlationId: "c2", msg: "slow" });
  expect(more).toEqual([]);
});

it("shows a person at a terminal what goes wrong, in plain lines that command nothing", () => {
  const { lines, opened } = written({ isTTY: true });
  opened.info("request", { path: "/" });
  opened.warn("a\u001b[31mb\u202ec\nd", { job: "x\u009b2Jy" });
  expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d warn server a�\[31mb�c�d job=x�2Jy\n$/)]);
  const detailed = written({ isTTY: true, level: "info" });
  detailed.opened.info("request", { path: "/" });
  expect(detailed.lines).toEqual([expect.stringMatching(/ info server request path=\/\n$/)]);
});

it("is silent where that is configured, and takes no level that there is not", () => {
  const { lines, opened } = written({ level: logLevelOf("silent") });
  opened.error("anything");
  expect(lines).toEqual([]);
  expect(logLevelOf("")).toBeNull();
  expect(() => logLevelOf("loud")).toThrow("POSTERN_LOG_LEVEL is loud: set it to");
});

it("keeps addresses of people, passwords in URLs and stored values out", () => {
  for (const [text, kept] of [
    ["550 <ada@contoso.example>: no such user", "550 <…@…>: no such user"],
    ["smtp://postern:pass@word@127.0.0.1 is away", "smtp://…@127.0.0.1 is away"],
    ["Key (email)=(Ada Axe, of Contoso) already exists.", "Key (email)=(…) already exists."],
    ["Key (lower(name), kind)=(a, b) already exists.", "Key (lower(name), kind)=(…) already exists."],
    ["Key (email)=(a) b) already exists.", "Key (email)=(…) already exists."],
    ["Failing row contains (1, Ada, (2)).", "Failing row contains (…)."],
    ['invalid input syntax for type uuid: "s3 "cret"', "invalid input syntax for type uuid: …"],
  ] as const)
    expect(withoutPeople(text)).toBe(kept);
  const quoting =
    'Invalid `prisma.user.create()` invocation:\n\n{ data: { secret: "s3" } }\n\nUnknown argument `secrets`.';
  expect(faultText(new Error(quoting))).toBe("Unknown argument `secrets`.");
  const { lines, opened } = written();
  opened.error(`of ada@contoso.example ${"x".repeat(100_000)}`);
  expect(lines.join("")).not.toContain("ada@");
  expect(lines.join("").length).toBeLessThan(5_000);
});

it("makes one line of a fault that Next.js writes to the console, without what it quotes", () => {
  for (const name of ["log", "info", "warn", "error"] as const) vi.spyOn(console, name);
  const { lines, opened } = written();
  takeConsole(opened);
  console.error(
    "⨯",
    new Error('Invalid `x` invocation:\n\n{ password: "hunter2" }\n\nIt failed for a@b.example.'),
  );
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? "");
  expect(line).toMatchObject({
    level: "error",
    msg: expect.stringMatching(/^⨯ Error: It failed for …@….*\n\s+at /),
  });
  expect(lines[0]).not.toContain("hunter2");
});

it("shows the console what goes wrong where nobody has opened a log", () => {
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  log().info("not this");
  log().error("job", { job: "x", failed: true });
  log().error("The disk is full");
  expect(printed.mock.calls).toEqual([["The disk is full"]]);
});
