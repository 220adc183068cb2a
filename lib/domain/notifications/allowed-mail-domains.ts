import { mailDomain } from "@/lib/domain/people/mail-domain";

export const maximumMailDomains = 50;
const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const domain = new RegExp(`^(${label}\\.)+${label}$`);

/** The domains in a text, separated by lines or commas: each once, in one spelling and in order. */
export function mailDomainsOf(text: string): string[] {
  return normalMailDomains(text.split(/[\s,;]+/).filter((each) => each !== ""));
}

/** The list in one order and spelling. */
export function normalMailDomains(domains: readonly string[]): string[] {
  return [...new Set(domains.map((each) => mailDomain(each.replace(/^@/, ""))))].sort();
}

/** What is wrong with a list of domains, in words; null if it may be saved. */
export function mailDomainsFault(domains: readonly string[]): string | null {
  if (domains.length > maximumMailDomains) return `Enter at most ${maximumMailDomains} domains.`;
  // No mail domain ends in a number. "2024" would be read as the host 0.0.7.232.
  const wrong = domains.find((each) => each.length > 253 || !domain.test(each) || /\.\d+$/.test(each));
  return wrong === undefined ? null : `“${wrong.slice(0, 80)}” is not a mail domain, such as contoso.com.`;
}
