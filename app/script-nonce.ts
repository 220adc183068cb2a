import { headers } from "next/headers";

/** The nonce of the answer's Content-Security-Policy, for inline scripts. */
export async function scriptNonce(): Promise<string | undefined> {
  const policy = (await headers()).get("content-security-policy");
  return /'nonce-([^']+)'/.exec(policy ?? "")?.[1];
}
