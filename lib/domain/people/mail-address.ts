/** An address that was read, or what is wrong with it. */
export type ReadAddress =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly message: string };

const example = "Enter an email address, such as ada@contoso.example.";
/**
 * RFC 5322's dot-atom, and so every sign that Entra allows (`'.-_!#^~`), without those that make mail
 * servers send mail elsewhere (`%`, `/`, `|`). No quotes, comments, spaces or second at sign either.
 */
const local = /^[a-z0-9!#$&'*+=?^_`{}~-]+(\.[a-z0-9!#$&'*+=?^_`{}~-]+)*$/i;
const host = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function wrong(message: string): ReadAddress {
  return { ok: false, message };
}

/**
 * Reads an email address. The result is used for comparing, storing and mailing. The local part is
 * ASCII in lower case. A domain that is not ASCII is stored as in DNS (`xn--…`), so that no look-alike
 * letter passes for another. No letter is silently replaced.
 */
export function readMailAddress(text: string): ReadAddress {
  const typed = text.trim();
  if (typed.length > 254) return wrong("Write at most 254 characters.");
  const parts = typed.split("@");
  const [name = "", domain = ""] = parts;
  if (parts.length !== 2) return wrong(example);
  if (!local.test(name)) {
    const letters = /[^\x20-\x7e]/.test(name);
    return wrong(letters ? "Use letters from a to z, digits and signs before the @." : example);
  }
  if (isPath(name)) return wrong("Leave out the ! before the @: mail would go elsewhere.");
  if (name.length > 64) return wrong("Write at most 64 characters before the @.");
  const ascii = asciiDomain(domain);
  if (ascii === null || ascii.length > 253 || !host.test(ascii) || /\.[0-9]+$/.test(ascii)) {
    return wrong(example);
  }
  return { ok: true, address: `${name.toLowerCase()}@${ascii}` };
}

/** Whether there is a domain before a `!`. Old mail servers forward mail along such a path. */
function isPath(name: string): boolean {
  return name
    .toLowerCase()
    .split("!")
    .slice(0, -1)
    .some((part) => host.test(part));
}

/** A domain in lower case, as in DNS; null if that spelling would mean another domain. */
function asciiDomain(text: string): string | null {
  // Some systems type and copy accents separately from their letters. Any other composition would be
  // another domain.
  const domain = text.normalize("NFD") === text ? text.normalize("NFC") : text;
  const lower = domain.toLowerCase();
  if (/^[\x21-\x7e]*$/.test(domain)) return /(^|\.)xn--/.test(lower) ? asWritten(lower) : lower;
  // Letters, digits, marks, hyphens and dots that do not stand for another character.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain) || domain.normalize("NFKC") !== domain) return null;
  if (/\u0130|\p{Default_Ignorable_Code_Point}/u.test(domain)) return null;
  if (!URL.canParse(`http://${domain}`)) return null;
  return new URL(`http://${domain}`).hostname;
}

/** A domain in the spelling of DNS, if it is valid. Not every `xn--…` stands for a name, or is its only spelling. */
function asWritten(domain: string): string | null {
  return URL.canParse(`http://${domain}`) && new URL(`http://${domain}`).hostname === domain ? domain : null;
}

/** What somebody typed to name a principal: an address in its stored spelling, any other text as it is. */
export function addressOrText(text: string): string {
  const read = readMailAddress(text);
  return read.ok ? read.address : text;
}

/** An address as it is compared and mailed to. An older address that cannot be read is converted to lower case. */
export function mailAddressOf(text: string): string {
  const read = readMailAddress(text);
  return read.ok ? read.address : text.trim().toLowerCase();
}
