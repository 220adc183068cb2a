import { readMailAddress } from "@/lib/domain/people/mail-address";

/** The fields of a file that may contain a user's address. */
interface Addresses {
  readonly email: string | null;
  readonly userPrincipalName: string | null;
  readonly mail: string | null;
}

const isGuestName = (name: string | null) => /#EXT#/i.test(name ?? "");

/** The address of a user in a file; null if it has none. */
export function addressOf({ email, userPrincipalName, mail }: Addresses): string | null {
  // A guest's userPrincipalName accepts no mail, and nobody signs in with it.
  const ofDirectory = isGuestName(userPrincipalName) ? null : userPrincipalName;
  // An address that Postern has means that user, whatever other addresses Azure has for them.
  for (const each of email === null ? [ofDirectory, mail] : [email]) {
    const read = readMailAddress(each ?? "");
    if (read.ok) return read.address;
  }
  return null;
}

/** Why none of a user's addresses is valid, at the field that should contain one. */
export function addressFault(row: Addresses): { path: string[]; message: string } {
  const guest = isGuestName(row.userPrincipalName);
  if (row.email === null && row.mail === null && guest) {
    return { path: ["mail"], message: "is missing, and a guest's userPrincipalName is no address" };
  }
  const names = guest ? (["email", "mail"] as const) : (["email", "userPrincipalName", "mail"] as const);
  const field = names.find((name) => row[name] !== null);
  return field === undefined
    ? { path: ["email"], message: "is missing" }
    : { path: [field], message: "is not an email address" };
}
