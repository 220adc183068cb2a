import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { generateSecret } from "otplib";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { seal } from "@/lib/platform/secrets";
import { ask, askOne } from "./database";
import { account, keepAccount } from "./e2e";
import { server } from "./server";

/** A person whom one journey created for itself, with the newcomer's password and no second factor. */
export interface OwnPerson {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export async function makePerson(name: string): Promise<OwnPerson> {
  const email = `${randomUUID()}@contoso.example`;
  const { email: like, password } = account("newcomer");
  const id = await askOne(
    `WITH made AS (INSERT INTO principals (type, display_name, email) VALUES ('User', $1, $2) RETURNING id),
       credential AS (INSERT INTO password_credentials (user_id, hash)
         SELECT made.id, c.hash FROM made, password_credentials c JOIN principals p ON p.id = c.user_id
         WHERE p.email = $3)
     SELECT id AS value FROM made`,
    [name, email, like],
  );
  return { id, email, password };
}

/**
 * Creates such a person with an authenticator app, who signs in with `signIn(page, key)` like the demo's
 * accounts. No other journey gives them a role, ends one, or notifies them. Returns the key.
 */
export async function makeAccount(name: string): Promise<string> {
  const { id, email, password } = await makePerson(name);
  const keys = readEncryptionKeys(readFileSync(join(server().folder, "encryption-keys"), "utf8").trim());
  const totpSecret = generateSecret();
  const { keyId, nonce, ciphertext } = seal(keys, totpSecret, id);
  await ask(
    "INSERT INTO totp_factors (user_id, key_id, nonce, ciphertext, confirmed_at) VALUES ($1, $2, $3, $4, now())",
    [id, keyId, nonce, ciphertext],
  );
  keepAccount({ key: id, email, password, totpSecret });
  return id;
}

/** Signs in with the password, in a browser where nobody is signed in. */
export async function signInAs(page: Page, { email, password }: OwnPerson, path = "/"): Promise<void> {
  await page.goto(`/sign-in?return=${encodeURIComponent(path)}`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Makes somebody eligible for a role at a resource, by the names of both. */
export async function makeEligible({ id }: OwnPerson, role: string, resource: string): Promise<void> {
  await ask(
    `INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
     SELECT $1::uuid, d.id, r.id, now() - interval '1 minute' FROM role_definitions d, resources r
     WHERE d.role_name = $2 AND r.display_name = $3`,
    [id, role, resource],
  );
}
