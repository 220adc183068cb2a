import { mailAddressOf, readMailAddress } from "@/lib/domain/people/mail-address";

export const mostAlertAddresses = 10;

/** The addresses in a text, one a line or between commas: each once, in one spelling and in order. */
export function alertAddressesOf(text: string): string[] {
  return normalAlertAddresses(text.split(/[\s,;]+/).filter((each) => each !== ""));
}

/** The list in one order and spelling. */
export function normalAlertAddresses(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map(mailAddressOf))].sort();
}

/** What is wrong with a list of addresses, in words; null if it may be saved. */
export function alertAddressesFault(addresses: readonly string[]): string | null {
  if (addresses.length > mostAlertAddresses) return `Enter at most ${mostAlertAddresses} addresses.`;
  const wrong = addresses.find((each) => !readMailAddress(each).ok);
  return wrong === undefined
    ? null
    : `“${wrong.slice(0, 80)}” is not an email address, such as security@contoso.com.`;
}
