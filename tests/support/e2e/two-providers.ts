import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { clientId, clientSecret, startIdentityProvider, type TestProvider } from "../peers/identity-provider";
import { ready } from "../processes/postern-process";
import { type OwnPostern, startOwnPostern } from "./own-postern";

/** A Postern with the demo's people and two real providers, which a test can modify in any way. */
export interface TwoProviders {
  readonly own: OwnPostern;
  readonly url: string;
  /** Confirms operations, and refuses people who are not linked. */
  readonly contoso: TestProvider;
  /** Creates an account without access for people who are not linked. */
  readonly fabrikam: TestProvider;
  stop(): Promise<void>;
}

/** Browsers distinguish hosts only by name, so both providers' cookies belong to this machine. */
const cookiesOf = (name: string) => ({
  keys: ["a key of the test's own"],
  names: { session: `${name}_session`, interaction: `${name}_interaction`, resume: `${name}_resume` },
});

export async function startTwoProviders(name: string): Promise<TwoProviders> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const [contoso, fabrikam] = await Promise.all([
    startIdentityProvider(url, "contoso", { acrValues: ["pwd", "mfa"], cookies: cookiesOf("contoso") }),
    startIdentityProvider(url, "fabrikam", { cookies: cookiesOf("fabrikam") }),
  ]);
  const folder = mkdtempSync(join(tmpdir(), `postern-${name}-`));
  const file = join(folder, "providers.json");
  const known = { clientId, clientSecret };
  const providers = [
    {
      ...{ ...known, id: "contoso", name: "Contoso", issuer: contoso.issuer },
      stepUp: { acrValues: ["mfa"] },
    },
    {
      ...{ ...known, id: "fabrikam", name: "Fabrikam", issuer: fabrikam.issuer },
      unknownPeople: "CreateWithoutAccess",
    },
  ];
  writeFileSync(file, JSON.stringify(providers));
  const own = await startOwnPostern(name, "Demo", {
    ...{ PORT: String(port), POSTERN_URL: url, POSTERN_IDENTITY_PROVIDERS: file },
  });
  await own.postern.says(ready);
  return {
    ...{ own, url, contoso, fabrikam },
    async stop() {
      await Promise.all([contoso.close(), fabrikam.close()]);
      await own.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Links a demo account to a subject, as its person would with a code. */
export async function linkTo(
  { client }: { readonly client: pg.Client },
  { issuer }: TestProvider,
  email: string,
  subject: string,
): Promise<void> {
  await client.query(
    `INSERT INTO identity_links (principal_id, issuer, subject, created_by_id)
     SELECT id, $2, $3, id FROM principals WHERE email = $1`,
    [email, issuer, subject],
  );
}

/**
 * Makes a provider send people back elsewhere than it would; null stops that. It does not answer itself, so the
 * answer is what the test makes of `before`.
 */
export function sendBack(provider: TestProvider, elsewhere: ((address: URL) => string) | null): void {
  provider.before =
    elsewhere &&
    ((_request, response) => {
      const set = response.setHeader.bind(response);
      response.setHeader = (name, value) => {
        const back = name.toLowerCase() === "location" && /\/api\/auth\/callback\//.test(String(value));
        return set(name, back ? elsewhere(new URL(String(value))) : value);
      };
      return false;
    });
}
