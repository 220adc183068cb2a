import { generateSecret } from "otplib";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { hashPassword } from "@/lib/identity/passwords/password";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { type EncryptionKeys, seal } from "@/lib/platform/secrets";
import { inTransaction } from "@/lib/platform/transaction";
import { type DemoAccount, demoNames } from "./accounts";
import { becomeOwner } from "./base";
import { seedResources } from "./resources";

export interface Person {
  readonly id: string;
  readonly displayName: string;
  readonly email: string;
  readonly totpSecret: string | null;
}

export interface Organisation {
  readonly people: readonly Person[];
  readonly byKey: ReadonlyMap<string, Person>;
  readonly groups: ReadonlyMap<string, string>;
  /** Resource ids by display name. */
  readonly resources: ReadonlyMap<string, string>;
}

const others = [
  ...[
    "Priya Raman",
    "Tomás Herrera",
    "Ingrid Solberg",
    "Kwame Asante",
    "Yuki Sato",
    "Fatima Zahra",
    "Liam Byrne",
  ],
  ...[
    "Chiara Rossi",
    "Dmitri Volkov",
    "Hana Novák",
    "Samuel Osei",
    "Leila Haddad",
    "Mateo Silva",
    "Astrid Berg",
  ],
  ...[
    "Wei Chen",
    "Nadia Petrova",
    "Oscar Nilsson",
    "Zanele Dube",
    "Bruno Costa",
    "Sofia Papadaki",
    "Jonas Weber",
  ],
  ...["Aisha Khan", "Emil Kowalski"],
];

/** Creates the demo organisation's resources, people and groups, in one transaction. */
export async function seedOrganisation(
  database: Database,
  keys: EncryptionKeys,
  accounts: DemoAccount[],
): Promise<Organisation> {
  const hashes = new Map(
    await Promise.all(
      accounts.map(async (account) => [account.key, await hashPassword(account.password)] as const),
    ),
  );
  return inTransaction(database, async (transaction) => {
    await becomeOwner(transaction);
    const resources = await seedResources(transaction);
    const demo = accounts.map((account) => ({
      key: account.key,
      displayName: demoNames[account.key as keyof typeof demoNames],
      email: account.email,
      totpSecret: account.totpSecret,
    }));
    // Colleagues have an authenticator app, which their history needs, but no password: nobody signs in as them.
    const colleagues = others.map((displayName) => ({
      key: null,
      displayName,
      email: `${displayName.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().replace(" ", ".")}@contoso.example`,
      totpSecret: generateSecret(),
    }));
    const made = await transaction.principal.createManyAndReturn({
      data: [...demo, ...colleagues].map(({ displayName, email }) => ({
        type: "User" as const,
        displayName,
        email,
      })),
      select: { id: true, email: true },
    });
    const idOf = new Map(made.map((row) => [row.email, row.id]));
    const people = [...demo, ...colleagues].map((person) => ({
      ...person,
      id: idOf.get(person.email) ?? "",
    }));
    await transaction.passwordCredential.createMany({
      data: people.flatMap(({ key, id }) => {
        const hash = key === null ? undefined : hashes.get(key);
        return hash ? [{ userId: id, hash }] : [];
      }),
    });
    const factors = people.flatMap(({ id, totpSecret }) =>
      totpSecret ? [{ userId: id, sealed: seal(keys, totpSecret, id) }] : [],
    );
    const [clock] = await transaction.$queryRaw<{ now: Date }[]>`SELECT postern_now() AS now`;
    await transaction.totpFactor.createMany({
      data: factors.map(({ userId, sealed }) => ({ userId, ...sealed, confirmedAt: clock?.now })),
    });
    const groups = await seedGroups(transaction, people);
    await seedFirstOwner(
      transaction,
      people.find((person) => person.key === "owner"),
      resources.get("Contoso"),
    );
    const byKey = new Map(
      people.flatMap((person) => (person.key === null ? [] : [[person.key, person] as const])),
    );
    return { people, byKey, groups, resources };
  });
}

async function seedGroups(
  transaction: Transaction,
  people: readonly { id: string }[],
): Promise<Map<string, string>> {
  const names = ["Platform Engineers", "Database Operators", "Security Response", "Web Team", "Data Science"];
  const made = await transaction.principal.createManyAndReturn({
    data: names.map((displayName) => ({ type: "Group" as const, displayName })),
    select: { id: true, displayName: true },
  });
  const colleagues = people.slice(7);
  await transaction.groupMember.createMany({
    data: made.flatMap((group, index) =>
      colleagues
        .filter((_, position) => position % names.length === index)
        .map(({ id }) => ({ groupId: group.id, memberId: id })),
    ),
  });
  return new Map(made.map((group) => [group.displayName, group.id]));
}

/** Creates the first Owner as the set-up page does, since nobody exists yet who could. */
async function seedFirstOwner(
  transaction: Transaction,
  owner: { id: string; displayName: string } | undefined,
  rootId: string | undefined,
) {
  if (!owner || !rootId) throw new Error("the demo organisation has no owner or no root");
  const resource = await transaction.resource.findUniqueOrThrow({ where: { id: rootId } });
  const [clock] = await transaction.$queryRaw<{ now: Date }[]>`SELECT postern_now() AS now`;
  const assignment = await transaction.assignment.create({
    data: {
      principalId: owner.id,
      roleDefinitionId: ownerRoleId,
      resourceId: rootId,
      assignmentType: "Assigned",
      startsAt: clock?.now ?? new Date(),
    },
  });
  await recordAuditEvent(transaction, {
    kind: "OwnerSetUp",
    outcome: "Success",
    caller: { userId: owner.id, displayName: owner.displayName },
    target: owner,
    role: { id: ownerRoleId, roleName: "Owner" },
    resource,
    assignmentId: assignment.id,
  });
}
