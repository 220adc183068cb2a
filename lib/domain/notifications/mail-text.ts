import type { Notice } from "@/lib/domain/notifications/notice";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import { inZoneOfMail } from "@/lib/domain/time/moment-format";
import { type ReaderTimes, timesIn, usualLanguage } from "@/lib/domain/time/reader-times";
import { zoneInWords } from "@/lib/domain/time/zone-names";

/** A mail, ready to be sent. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Long enough for the longest name and the address beside it. */
const longestSubject = 300;

/** To an address that settings name. Its reader may have no account in which to choose. */
const withoutAccount = "An administrator of Postern can change which mail this address gets.";

/** Dark colours, for mail programs that support them. Others show or invert the light ones. */
const dark = `@media (prefers-color-scheme:dark){.ground{background:#0f1317!important;color:#e7ebef!important}.card{background:#171c22!important;border-color:#2f3841!important}.quiet{color:#a5afba!important}.brand{color:#5cc8ba!important}}`;

/** Puts text on one line and writes invisible characters out. */
function oneLine(text: string): string {
  return visibleSentence(text.replaceAll(/[\n\r\t\v\f\u2028\u2029]+/gu, " ").trim());
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/**
 * A notice as mail, in plain text and as HTML that loads nothing. Everything that people typed is shown as text, and
 * on one line if line breaks would have a meaning. `publicUrl` does not end with a slash. Times are in the
 * recipient's zone, which the mail names if it contains any, and in the language that they chose for times.
 */
export function mailText(
  notice: Omit<Notice, "category">,
  publicUrl: string,
  times: ReaderTimes = timesIn("UTC"),
  to: "account" | "address" = "account",
): MailText {
  let timed = false;
  // As they are in the notice.
  const asWritten = times.zone === "UTC" && times.language === usualLanguage;
  const line = (text: string) => {
    const shown = oneLine(text);
    const local = asWritten ? shown : inZoneOfMail(shown, times);
    timed ||= local !== shown;
    return local;
  };
  const title = line(notice.title);
  const body = line(notice.body);
  const facts = notice.facts.map(({ label, value }) => ({ label: oneLine(label), value: line(value) }));
  const zone = timed ? `Times are in ${zoneInWords(times.zone)}.` : "";
  const link = `${publicUrl}${notice.href}`;
  const action = notice.action ?? "Open in Postern";
  const preferences = `${publicUrl}/account/notifications`;
  const text = [
    title,
    "",
    ...(body === "" ? [] : [body, ""]),
    ...facts.map(({ label, value }) => `${label}: ${value}`),
    ...(facts.length === 0 ? [] : [""]),
    `${action}: ${link}`,
    ...(notice.also ? [`${notice.also.action}: ${publicUrl}${notice.also.href}`] : []),
    "",
    ...(zone === "" ? [] : [zone, ""]),
    to === "account" ? `Choose what is mailed to you: ${preferences}` : withoutAccount,
    "",
  ].join("\n");
  const rows = facts
    .map(
      ({ label, value }) =>
        `<tr><td class="quiet" style="padding:2px 16px 2px 0;color:#56606c;vertical-align:top;white-space:nowrap">${escaped(label)}</td><td style="padding:2px 0;vertical-align:top;overflow-wrap:anywhere">${escaped(value)}</td></tr>`,
    )
    .join("");
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<style>${dark}</style></head>
<body class="ground" style="margin:0;padding:16px;background:#f6f7f8;color:#1a2027;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div class="card" style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #d7dbe0;border-radius:10px">
<p class="brand" style="margin:0 0 16px;font-weight:700;color:#0b6b63">Postern</p>
<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3;overflow-wrap:anywhere">${escaped(title)}</h1>
${body === "" ? "" : `<p style="margin:0 0 16px;overflow-wrap:anywhere">${escaped(body)}</p>`}
${rows === "" ? "" : `<table role="presentation" style="border-collapse:collapse;margin:0 0 20px">${rows}</table>`}
<p style="margin:0 0 24px"><a href="${escaped(link)}" style="display:inline-block;padding:9px 18px;border-radius:6px;background:#0b6b63;color:#ffffff;text-decoration:none;font-weight:600">${escaped(action)}</a></p>
${notice.also ? `<p style="margin:0 0 24px"><a class="brand" href="${escaped(publicUrl + notice.also.href)}" style="color:#0b6b63">${escaped(notice.also.action)}</a></p>\n` : ""}${zone === "" ? "" : `<p class="quiet" style="margin:0 0 4px;font-size:13px;color:#56606c">${escaped(zone)}</p>`}
<p class="quiet" style="margin:0;font-size:13px;color:#56606c">${
    to === "account"
      ? `<a class="quiet" href="${escaped(preferences)}" style="color:#56606c">Choose what is mailed to you</a>`
      : withoutAccount
  }</p>
</div></body></html>`;
  return { subject: `Postern: ${shortened(title)}`, text, html };
}

/** Shortens to the length of a subject and closes an open isolate. */
function shortened(title: string): string {
  const characters = [...title];
  if (characters.length <= longestSubject) return title;
  const kept = characters.slice(0, longestSubject - 1).join("");
  return kept.lastIndexOf("\u2068") > kept.lastIndexOf("\u2069") ? `${kept}…\u2069` : `${kept}…`;
}
