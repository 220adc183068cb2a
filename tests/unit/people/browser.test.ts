import { describe, expect, test } from "vitest";
import { browserInWords } from "@/lib/domain/people/browser";

describe("a session's browser in words", () => {
  test.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
      "Microsoft Edge on Windows",
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
      "Chrome on Linux",
    ],
    ["Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
      "Safari on iOS",
    ],
    [
      "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
      "Chrome on Android",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
      "Firefox on macOS",
    ],
    ["curl/8.5.0", "curl/8.5.0"],
    [
      "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
      "Chrome on Chrome OS",
    ],
    [`a${"b".repeat(200)}/(`, `a${"b".repeat(59)}…`],
    ["Your bank/1.0 (X11; Linux x86_64)", "Your bank/1.0 (X11; Linux x86_64)"],
    ["Fire\u202efox/1.0 (X11; Linux x86_64)", "Fire⟨U+202E⟩fox/1.0 (X11; Linux x86_64)"],
    ["", "Unknown"],
  ])("%s", (userAgent, words) => {
    expect(browserInWords(userAgent)).toBe(words);
  });
});
