import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSecret } from "otplib";

export interface DemoAccount {
  readonly key: string;
  readonly email: string;
  readonly password: string;
  readonly totpSecret: string | null;
  readonly apiToken: string | null;
  principalId: string | null;
  readonly about: string;
}

const about = {
  owner: "Permanent active Owner at the root",
  "eligible-owner": "Eligible for Owner on Contoso Production, not active: sees the banner",
  member: "Eligible for Contributor (with MFA) and Reader (without) on Contoso Production",
  approver: "Approves activations of User Access Administrator on Contoso Production",
  requester:
    "Eligible for User Access Administrator on Contoso Production, with approval; Key Vault Administrator on Contoso Staging",
  auditor: "Active Reader at the root",
  newcomer: "Eligible for Contributor on Contoso Production, no authenticator app yet",
} as const;

export const demoNames: Record<keyof typeof about, string> = {
  owner: "Olivia Okafor",
  "eligible-owner": "Elias Lindqvist",
  member: "Mina Tanaka",
  approver: "Arjun Mehta",
  requester: "Rosa Delgado",
  auditor: "Amara Nwosu",
  newcomer: "Noah Fischer",
};

/**
 * The demo accounts, with random secrets made the first time and kept in demo-accounts.json (mode 600). They are
 * written before anything is stored, so that an interrupted seed continues with the same secrets.
 */
export function demoAccounts(folder: string): DemoAccount[] {
  const file = join(folder, "demo-accounts.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const accounts = Object.entries(about).map(([key, text]) => ({
    key,
    email: `${key}@contoso.example`,
    password: randomBytes(12).toString("base64url"),
    totpSecret: key === "newcomer" ? null : generateSecret(),
    apiToken: null,
    principalId: null,
    about: text,
  }));
  writeAccounts(folder, accounts);
  return accounts;
}

/** Writes the file whole or not at all, so an interrupted start leaves no unreadable one. */
export function writeAccounts(folder: string, accounts: DemoAccount[]): void {
  const file = join(folder, "demo-accounts.json");
  writeFileSync(`${file}.new`, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
