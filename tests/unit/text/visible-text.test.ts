import { expect, it } from "vitest";
import { mailText } from "@/lib/domain/notifications/mail-text";
import { identifierOf, principalText } from "@/lib/domain/people/principal-identity";
import { inList, isolated, visible, visibleLines, visibleSentence } from "@/lib/domain/text/visible-text";

const override = "Ada\u202ekcolB";

it("writes out what would act on the text around it, or not be seen", () => {
  expect(visible(override)).toBe("Ada⟨U+202E⟩kcolB");
  const hidden = [
    "\u200b",
    "\u200f",
    "\u061c",
    "\u2066",
    "\u00ad",
    "\ufeff",
    "\u0007",
    "\u2028",
    "\u3164",
    "\u180e",
  ];
  for (const each of [...hidden, "\ud800", "\u{e0041}", "\ufe00", "\u115f"]) {
    const shown = visible(`a${each}b`);
    expect(shown).toMatch(/^a⟨U\+[0-9A-F]{4,6}⟩b$/);
    expect(visible(shown)).toBe(shown);
  }
});

it("leaves what people write as it is", () => {
  const written = ["Zoë O’Brien-Łuk", "محمد", "می‌خواهم", "क्‍ष", "👩🏽‍💻 Ops", "❤️", "東京", "a  b"];
  for (const each of written) expect(visible(each)).toBe(each);
  expect(visible("ad\u200dmin")).toBe("ad⟨U+200D⟩min");
  expect(visibleLines("one\r\ntwo\tthree\u202e")).toBe("one\ntwo\tthree⟨U+202E⟩");
});

it("isolates a name that is written from right to left, and no other", () => {
  expect(isolated("محمد")).toBe("\u2068محمد\u2069");
  expect(isolated("Ada")).toBe("Ada");
  // A name that closes the isolate itself cannot break out of it.
  expect(isolated("محمد\u2069\u202e")).toBe("\u2068محمد⟨U+2069⟩⟨U+202E⟩\u2069");
  const sentence = `${isolated("محمد")} asks\u202e`;
  expect(visibleSentence(sentence)).toBe("\u2068محمد\u2069 asks⟨U+202E⟩");
  expect(visibleSentence(visibleSentence(sentence))).toBe(visibleSentence(sentence));
});

it("tells two principals of one name apart, by what they did not choose", () => {
  const id = "018f0000-0000-7000-8000-0123456789ab";
  const user = {
    id,
    displayName: "Ada",
    type: "User" as const,
    email: "ada@contoso.example",
    externalId: "7",
  };
  expect(principalText(user)).toBe("Ada (ada@contoso.example)");
  expect(identifierOf({ ...user, email: null, externalId: null })).toBe(`User ${id}`);
  expect(principalText({ ...user, type: "Group", email: null })).toBe("Ada (Group 7)");
  const program = { ...user, type: "ServicePrincipal" as const, email: null, externalId: null };
  expect(principalText(program)).toBe(`Ada (Service principal ${id})`);
});

it("keeps a name from turning a mail around, in its subject and in its text", () => {
  const notice = {
    title: `${override} asks`,
    body: `From ${isolated("محمد")}.`,
    facts: [{ label: "Member", value: `${override}\nBy: Grace` }],
    href: "/approvals",
  };
  const mail = mailText(notice, "https://postern.example");
  for (const part of [mail.subject, mail.text, mail.html]) {
    expect(part).toContain("⟨U+202E⟩");
    expect(part).not.toMatch(/[\u202a-\u202e\u2066\u2067]/u);
  }
  expect(mail.text).toContain("Member: Ada⟨U+202E⟩kcolB By: Grace");
  const long = mailText({ ...notice, title: `${"x".repeat(290)} ${isolated("محمد محمد محمد")}` }, "");
  expect(long.subject).toMatch(/\u2068[^\u2069]*…\u2069$/u);
});

it("lists texts within a sentence", () => {
  expect(inList([])).toBe("");
  expect(inList(["a"])).toBe("a");
  expect(inList(["a", "b"])).toBe("a and b");
  expect(inList(["a", "b", "c"])).toBe("a, b and c");
});
