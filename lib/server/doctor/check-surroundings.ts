import { readdir, statfs } from "node:fs/promises";
import { createTransport } from "nodemailer";
import { readImportSources } from "@/lib/platform/import-files/import-sources";
import { mailServerAt } from "@/lib/platform/mail";
import { proxyFor } from "@/lib/platform/outgoing-proxy";
import { type Finding, findingsOf, type Settings } from "@/lib/server/doctor/finding";
import { errorText } from "@/scripts/parts/fault.mjs";

const patienceMilliseconds = 10_000;

/** Whether the mail server accepts the configured name and password. No message is sent. */
export async function checkMail(source: Settings): Promise<Finding[]> {
  const of = findingsOf("mail");
  const { POSTERN_SMTP_URL: url, POSTERN_MAIL_FROM: from } = source;
  if (!url || !from)
    return [
      of.warning(
        "no mail is sent: approvers and members hear of nothing unless they open Postern",
        "Set POSTERN_SMTP_URL and POSTERN_MAIL_FROM.",
      ),
    ];
  // Without a name, nodemailer would ask this machine.
  if (!URL.canParse(url) || new URL(url).hostname === "")
    return [
      of.fault(
        "POSTERN_SMTP_URL is no address of a mail server",
        "Set it to one such as smtps://name:password@mail.example.com:465, with signs such as / # @ as %2F %23 %40.",
      ),
    ];
  const proxy = proxyFor(new URL(url), source);
  const transport = createTransport({
    ...mailServerAt(url, proxy),
    connectionTimeout: patienceMilliseconds,
    greetingTimeout: patienceMilliseconds,
    socketTimeout: patienceMilliseconds,
  });
  const { hostname } = new URL(url);
  try {
    await transport.verify();
    const through = proxy === null ? "" : ` through the proxy ${proxy.host}`;
    return [of.ok(`${hostname} answers${through}; mail comes from ${from}`)];
  } catch (error) {
    return [
      of.fault(
        `${hostname} cannot be used${proxy === null ? "" : ` through the proxy ${proxy.host}`}: ${errorText(error)}`,
        proxy === null
          ? "Check POSTERN_SMTP_URL: host, port, user, password and TLS."
          : "Check POSTERN_SMTP_URL, and whether the proxy opens tunnels to its port; or name the host in NO_PROXY.",
      ),
    ];
  } finally {
    transport.close();
  }
}

/** Whether Postern answers at the address that people use, through whatever is in front of it. */
export async function checkAnswers(publicUrl: string): Promise<Finding[]> {
  const of = findingsOf("answers");
  if (!URL.canParse(publicUrl)) return [of.unchecked("it cannot be checked without an address")];
  const address = `${publicUrl.replace(/\/+$/, "")}/sign-in`;
  let response: Response;
  try {
    response = await fetch(address, {
      redirect: "manual",
      signal: AbortSignal.timeout(patienceMilliseconds),
    });
    await response.body?.cancel();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return [
      of.fault(
        `${address} does not answer from here: ${errorText(cause)}`,
        "Start Postern; check the proxy, its certificate, and the name in DNS.",
      ),
    ];
  }
  if (response.status === 421)
    return [
      of.fault(
        "Postern is reached, but under another name",
        "Let the proxy pass Host on, or send X-Forwarded-Host and set POSTERN_TRUSTED_PROXIES.",
      ),
    ];
  if (response.status >= 500)
    return [
      of.fault(
        `${address} answers ${response.status}`,
        "Ask /healthz beside it, and the log of the serving process.",
      ),
    ];
  // Postern sends it only for https. So something removed it, or Postern was asked over http.
  if (address.startsWith("https:") && !response.headers.has("strict-transport-security"))
    return [
      of.warning(
        `${address} comes without Strict-Transport-Security`,
        "Set POSTERN_URL to the https address, and let the proxy leave the headers of answers alone.",
      ),
    ];
  return [of.ok(`${address} answers ${response.status}`)];
}

const mebibyte = 1_048_576;

/** Whether a folder has room. A database without room accepts no more changes. */
export async function checkDisk(folder: string, read: typeof statfs = statfs): Promise<Finding[]> {
  const of = findingsOf("disk");
  const { bavail, blocks, bsize } = await read(folder);
  const [free, all] = [bavail * bsize, blocks * bsize];
  const percent = all === 0 ? 0 : Math.floor((free / all) * 100);
  const found = `${Math.floor(free / mebibyte)} MiB free (${percent} %) at ${folder}`;
  if (free < 512 * mebibyte)
    return [
      of.fault(found, "Make room there now, or enlarge it: without any, nothing can be activated or logged."),
    ];
  if (percent < 10 || free < 2_048 * mebibyte)
    return [of.warning(found, "Make room there, or enlarge it: below 512 MiB is a fault.")];
  return [of.ok(found)];
}

/**
 * Whether the current user can read the folder of scheduled imports. Hosts are not contacted. Empty if no
 * folder is configured.
 */
export async function checkImports(source: Settings): Promise<Finding[]> {
  const { folder } = readImportSources(source);
  if (folder === null) return [];
  const of = findingsOf("imports");
  try {
    await readdir(folder);
  } catch (error) {
    return [
      of.fault(
        `scheduled imports cannot read their folder: ${errorText(error)}`,
        "Let the user that Postern runs as read POSTERN_IMPORT_FOLDER, on every replica.",
      ),
    ];
  }
  return [of.ok(`${folder} can be read`)];
}
