// Locks a row, so that several commands at once meet at the same place each time.
import type { Lock } from "./action";
import type { World } from "./world";

export interface Held {
  release(): Promise<void>;
}

/** Locks a row in a connection that nobody else uses meanwhile; null if there is none yet. */
export async function holdRow(world: World, { table, name, at }: Lock): Promise<Held | null> {
  const client = await world.test.ownersConnection();
  await client.query("BEGIN");
  const { rowCount } =
    at === undefined
      ? await client.query(`SELECT id FROM ${table} WHERE id = $1 FOR NO KEY UPDATE`, [world.id(name)])
      : await client.query(
          `SELECT id FROM ${table} WHERE role_definition_id = $1 AND resource_id = $2 FOR NO KEY UPDATE`,
          [world.id(name), world.id(at)],
        );
  const release = async () => {
    await client.query("COMMIT");
    client.release();
  };
  if (rowCount) return { release };
  await release();
  return null;
}
