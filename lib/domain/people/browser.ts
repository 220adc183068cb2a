import Bowser from "bowser";

/** The browser and system that a user agent names, such as "Firefox on Windows"; null if neither is known. */
export function browserOf(userAgent: string): string | null {
  if (userAgent.trim() === "") return null;
  const { browser, os } = Bowser.parse(userAgent);
  const [family, system] = [browser.name, os.name];
  return family && system ? `${family} on ${system}` : null;
}

/** The same for a list; what is not known as it names itself. */
export function browserInWords(userAgent: string): string {
  return browserOf(userAgent) ?? (userAgent.trim() || "Unknown");
}
