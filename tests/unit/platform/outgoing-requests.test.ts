import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createWebServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readWorkerConfiguration } from "@/lib/platform/configuration";
import { readImportSource } from "@/lib/platform/import-files/import-reader";
import { openMailer } from "@/lib/platform/mail";
import { checkOutgoingProxy, proxyFor } from "@/lib/platform/outgoing-proxy";
import { serverEnvironment, workerEnvironment } from "@/lib/server/child-environment";
import { checkMail } from "@/lib/server/doctor/check-surroundings";
import { checkTraces } from "@/lib/server/doctor/check-traces";
import { certificateFor } from "../../support/peers/certificate";
import { type MailServer, startMailServer } from "../../support/peers/mail-server";
import { startOutgoingProxy } from "../../support/peers/outgoing-proxy";

describe("through which proxy something is asked", () => {
  const proxies = { HTTPS_PROXY: "http://secure.internal:3128", ALL_PROXY: "http://all.internal:3128" };
  const through = (address: string, source: Readonly<Record<string, string>>) =>
    proxyFor(new URL(address), source)?.host ?? null;

  it("is said by HTTPS_PROXY for https, and by ALL_PROXY for everything that has none of its own", () => {
    expect(through("https://id.contoso.test/", proxies)).toBe("secure.internal:3128");
    for (const other of [
      "smtp://mail.contoso.test",
      "smtps://mail.contoso.test",
      "http://collector.test:4318",
    ])
      expect(through(other, proxies)).toBe("all.internal:3128");
    const { HTTPS_PROXY, ALL_PROXY } = proxies;
    expect(through("https://id.contoso.test/", { ALL_PROXY })).toBe("all.internal:3128");
    expect(through("smtps://mail.contoso.test", { HTTPS_PROXY })).toBeNull();
    expect(through("smtps://mail.contoso.test", { all_proxy: ALL_PROXY, ALL_PROXY: "" })).toBe(
      "all.internal:3128",
    );
  });

  it.each([
    [".contoso.test", "https://id.contoso.test/", true],
    ["*.contoso.test, 10.0.0.1", "https://contoso.test/", true],
    ["contoso.test", "smtp://Mail.Contoso.Test", true],
    ["contoso.test", "https://notcontoso.test/", false],
    ["*", "https://id.contoso.test/", true],
    ["mail.contoso.test:587", "smtp://mail.contoso.test", true],
    ["mail.contoso.test:25", "smtp://mail.contoso.test", false],
    ["id.contoso.test:443", "https://id.contoso.test/", true],
    ["10.0.0.0/8", "smtp://10.20.30.40:25", true],
    ["10.0.0.0/8 192.168.0.0/16", "https://11.0.0.1/", false],
    ["10.0.0.0/99,10.0.0.0/x,/8", "https://10.0.0.1/", false],
    ["fd00::/8", "https://[fd12::1]/", true],
    ["fd12::1", "https://[fd12::1]:8443/", true],
    ["", "https://localhost:3000/", true],
    ["", "smtp://127.0.0.1:25", true],
    ["", "http://[::1]:4318/", true],
  ])("NO_PROXY=%j: %s directly: %s", (NO_PROXY, address, directly) => {
    expect(through(address, { ...proxies, NO_PROXY }) === null).toBe(directly);
  });

  it("an address that is no proxy's is refused at the start, by its variable", () => {
    for (const name of ["HTTPS_PROXY", "ALL_PROXY"]) {
      for (const wrong of ["proxy.internal:3128", "socks5://proxy.internal", "https://proxy.internal"])
        expect(() => checkOutgoingProxy({ [name]: wrong })).toThrow(`${name} must be`);
      expect(() => checkOutgoingProxy({ [name]: "http://proxy.internal:3128" })).not.toThrow();
    }
  });

  it("is known to the processes that ask: those that serve, and the worker", () => {
    const source = { ...process.env, ...proxies, NO_PROXY: ".internal" };
    const prepared = {
      ...{ publicUrl: "https://postern.test", ownLogins: true, servingUrl: "x", workingUrl: "x" },
      ...{ sessionSecret: "x", otherSessionSecret: null, encryptionKeys: "x", localHosts: false },
    } as unknown as Parameters<typeof workerEnvironment>[1];
    const wanted = { ...proxies, NO_PROXY: ".internal" };
    expect(workerEnvironment(source, prepared, { development: false })).toMatchObject(wanted);
    const serving = { port: 1, processes: 1, development: false };
    expect(serverEnvironment(source, prepared, serving)).toMatchObject(wanted);
  });
});

describe("hosts that only a proxy can reach", () => {
  const [mailHost, listHost, collector] = [
    "mail.contoso.test",
    "lists.contoso.test",
    "collector.contoso.test",
  ];
  const closing: (() => unknown)[] = [];
  let folder: string;
  let mail: MailServer;
  let secureMail: MailServer;
  let lists: string[];
  let traces: number;
  let authority: string;
  let proxy: Awaited<ReturnType<typeof startOutgoingProxy>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "postern-proxy-"));
    const [ofMail, ofLists, ofCollector] = await Promise.all(
      [mailHost, listHost, collector].map(certificateFor),
    );
    if (!ofMail || !ofLists || !ofCollector) throw new Error("three certificates are made");
    authority = ofLists.authority;
    await writeFile(join(folder, "collector.pem"), ofCollector.authority);
    mail = await startMailServer();
    secureMail = await startMailServer({ secure: true, cert: ofMail.certificate, key: ofMail.key });
    const web = createWebServer({ cert: ofLists.certificate, key: ofLists.key }, (request, response) => {
      lists.push(`${request.headers.host}${request.url} ${request.headers.authorization}`);
      response.end("[1]");
    });
    const receiver = createWebServer(
      { cert: ofCollector.certificate, key: ofCollector.key },
      (request, response) => {
        traces += 1;
        request.resume().on("end", () => response.writeHead(200).end());
      },
    );
    for (const each of [web, receiver])
      await new Promise<void>((resolve) => each.listen(0, "127.0.0.1", resolve));
    const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
    proxy = await startOutgoingProxy({
      [`${mailHost}:587`]: Number(new URL(mail.url).port),
      [`${mailHost}:465`]: Number(new URL(secureMail.url).port),
      [`${listHost}:443`]: portOf(web),
      [`${collector}:4318`]: portOf(receiver),
    });
    closing.push(
      () => proxy.close(),
      ...[mail, secureMail].map((each) => () => each.close()),
      ...[web, receiver].map((each) => () => {
        each.closeAllConnections();
        each.close();
      }),
      () => rm(folder, { recursive: true, force: true }),
    );
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    proxy.asked.length = 0;
    proxy.now.proxying = "passes";
    [lists, traces] = [[], 0];
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  function withProxy(more: Readonly<Record<string, string>> = {}): void {
    for (const [name, value] of Object.entries({ ALL_PROXY: proxy.url, ...more })) vi.stubEnv(name, value);
  }
  const tunnelsTo = (place: string) => [`${place} ${proxy.password}`];

  async function sendTo(smtpUrl: string) {
    const { mail: settings } = readWorkerConfiguration({
      ...{ ...process.env, DATABASE_URL: "postgresql://x", POSTERN_URL: "https://postern.test" },
      ...{ POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: "postern@contoso.test" },
    });
    if (settings === null) throw new Error("mail is configured");
    const mailer = openMailer(settings);
    const message = { to: "ada@contoso.test", id: "1", subject: "s", text: "t", html: "" };
    const sent = await mailer.send(message);
    mailer.close();
    return sent;
  }

  it("get mail, with TLS from the first byte or without, and the doctor asks them the same way", async () => {
    withProxy({ NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    expect(await sendTo(`smtp://${mailHost}`)).toEqual({ ok: true });
    expect(proxy.asked).toEqual(tunnelsTo(`${mailHost}:587`));
    expect(await sendTo(`smtps://${mailHost}`)).toEqual({ ok: true });
    expect(proxy.asked.slice(1)).toEqual(tunnelsTo(`${mailHost}:465`));
    expect([mail.received.length, secureMail.received.length]).toEqual([1, 1]);
    const settings = {
      ALL_PROXY: proxy.url,
      POSTERN_SMTP_URL: `smtp://${mailHost}`,
      POSTERN_MAIL_FROM: "p@x.test",
    };
    expect(await checkMail(settings)).toMatchObject([
      { state: "ok", found: expect.stringContaining("answers through the proxy 127.0.0.1") },
    ]);
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "1");
    expect(await sendTo(`smtps://${mailHost}`)).toMatchObject({
      ...{ ok: false, message: expect.stringMatching(/certificate/i) },
    });
  });

  it("get no mail where the proxy refuses, and are not asked through it if NO_PROXY names them", async () => {
    withProxy();
    proxy.now.proxying = "refuses";
    expect(await sendTo(`smtp://${mailHost}`)).toMatchObject({
      ...{ ok: false, failure: "unusable" },
      message: expect.stringContaining("403"),
    });
    withProxy({ NO_PROXY: mailHost });
    proxy.asked.length = 0;
    expect(await sendTo(`smtp://${mailHost}`)).toMatchObject({ ok: false, failure: "unusable" });
    expect(proxy.asked).toEqual([]);
  });

  it("are read by scheduled imports, with their own certificate and what the configuration sends", async () => {
    withProxy();
    const host = { host: listHost, authorization: "Bearer secret", privateAddresses: false };
    const read = async (certificates: string | undefined) =>
      readImportSource(
        { folder: null, hosts: [{ ...host, certificates }] },
        { source: "Address", location: `https://${listHost}/users.json` },
      );
    expect(await read(authority)).toMatchObject({ ok: true, files: [{ name: "users.json" }] });
    expect(proxy.asked).toEqual(tunnelsTo(`${listHost}:443`));
    expect(lists).toEqual([`${listHost}/users.json Bearer secret`]);
    expect(await read(undefined)).toMatchObject({
      ...{ ok: false, message: expect.stringMatching(/cannot be read \([A-Z_]+\)/) },
    });
    proxy.now.proxying = "refuses";
    expect(await read(authority)).toMatchObject({ ok: false });
    expect(lists).toHaveLength(1);
  });

  it("take traces, with the authority that OpenTelemetry's variables name", async () => {
    withProxy({
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://${collector}:4318`,
      OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder, "collector.pem"),
    });
    expect(await checkTraces(process.env)).toMatchObject([{ state: "ok" }]);
    expect(proxy.asked).toEqual(tunnelsTo(`${collector}:4318`));
    expect(traces).toBe(1);
    vi.stubEnv("OTEL_EXPORTER_OTLP_CERTIFICATE", "");
    expect(await checkTraces(process.env)).toMatchObject([{ state: "warning" }]);
    expect(traces).toBe(1);
  });
});
