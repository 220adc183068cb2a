import Bowser from "bowser";
import { visible } from "@/lib/domain/text/visible-text";

/** Bowser returns whatever an unknown user agent calls itself, which anybody can choose. */
const known = new Set<string>(Object.values(Bowser.BROWSER_MAP));

/** The browser and system that a user agent names, such as "Firefox on Windows"; null if either is not known. */
export function browserOf(userAgent: string): string | null {
  if (userAgent === "") return null;
  const { browser, os } = Bowser.parse(userAgent);
  const [family, system] = [browser.name, os.name];
  return family && system && known.has(family) ? `${family} on ${system}` : null;
}

/** How many characters of an unknown one a list shows. */
const mostShown = 60;

/** The same for a list. An unknown one is shown as it names itself, cut off. */
export function browserInWords(userAgent: string): string {
  const text = userAgent.trim();
  const shown = text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
  return browserOf(userAgent) ?? (visible(shown) || "Unknown");
}
