import pg from "pg";
import { endWhenSilent, type Patience } from "@/lib/platform/silent-hosts";

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Besides the driver's options: for how long a host may be silent; undefined if a statement may take any time. */
export interface DatabaseClientConfig extends pg.ClientConfig {
  readonly patience?: Patience | undefined;
}

/** How long a host may take to say whether it accepts changes. */
const patienceMilliseconds = 2_000;

/** The hosts of an address that names several (scripts/parts/database-hosts.mjs); empty for any other address. */
function placesOf(url: string | undefined): Place[] {
  const listed = url && URL.canParse(url) ? new URL(url).searchParams.get("hosts") : null;
  return (listed?.split(",") ?? []).map((each) => ({
    host: each.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1"),
    port: Number(/\d+$/.exec(each)?.[0]),
  }));
}

const named = ({ host, port }: Place) => `${host}:${port}`;

/** Records what a server reports about itself as a connection opens, without asking. */
function standbyWatch(client: pg.Client): () => boolean {
  let standby = false;
  client.connection.on("parameterStatus", ({ parameterName, parameterValue }) => {
    if (parameterName === "in_hot_standby" || parameterName === "default_transaction_read_only")
      standby ||= parameterValue === "on";
  });
  return () => standby;
}

/** Connects to one host to see whether it accepts changes. Null if it does; otherwise why not. */
async function refusalOf(url: string, { host, port }: Place): Promise<string | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: patienceMilliseconds });
  client.on("error", () => {});
  client.host = host;
  client.port = port;
  const isStandby = standbyWatch(client);
  try {
    await client.connect();
    return isStandby() ? "takes no changes" : null;
  } catch (error) {
    return error instanceof Error ? error.message || "cannot be reached" : String(error);
  } finally {
    await client.end().catch(() => {});
  }
}

/** The host that accepted changes last, by the address and its login. */
const primaries = new Map<string, Place>();
const searches = new Map<string, Promise<Place>>();

async function search(url: string): Promise<Place> {
  const places = placesOf(url);
  const refusals = await Promise.all(places.map((place) => refusalOf(url, place)));
  const found = places[refusals.indexOf(null)];
  if (found) return found;
  const reasons = places.map((place, index) => `${named(place)}: ${refusals[index]}`).join("; ");
  throw new Error(`no host of the database takes changes (${reasons})`);
}

/**
 * The host that accepts changes: the one that did last, otherwise the first that says so. All who ask meanwhile
 * wait for one search.
 */
async function primaryOf(url: string): Promise<Place> {
  const known = primaries.get(url);
  if (known) return known;
  const searching = searches.get(url) ?? search(url).finally(() => searches.delete(url));
  searches.set(url, searching);
  const found = await searching;
  primaries.set(url, found);
  return found;
}

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

const usual = {
  connectionTimeoutMillis: 10_000,
  // The operating system probes a connection that has been silent for this long once a second, and closes it
  // after ten probes without an answer. Devices in between forget silent connections, and a host that is gone
  // does not say so.
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
};

/**
 * A connection to a database. If its address names several hosts, it goes to the one that accepts changes. It
 * searches again once that one is gone or has become a standby. If a host falls silent, the connection is ended
 * (silent-hosts.ts).
 */
export class DatabaseClient extends pg.Client {
  readonly #url: string | undefined;
  readonly #patience: Patience | undefined;

  constructor(config: DatabaseClientConfig = {}) {
    super({ ...usual, ...config });
    this.#url = config.connectionString;
    this.#patience = config.patience;
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    const connected = this.#connect();
    if (!callback) return connected;
    const call = callback as (error: Error | null, client?: pg.Client) => void;
    connected.then(
      () => call(null, this),
      (error) => call(error),
    );
    return undefined;
  }

  async #connect(): Promise<pg.Client> {
    const client = await this.#connectToPrimary();
    if (this.#url !== undefined && this.#patience) endWhenSilent(this, this.#url, this.#patience);
    return client;
  }

  async #connectToPrimary(): Promise<pg.Client> {
    const url = this.#url;
    if (url === undefined || placesOf(url).length === 0) return super.connect();
    const place = await primaryOf(url);
    // The code that requested it has given up meanwhile, and would never close it.
    if (this.connection.stream.destroyed) throw new Error("it took too long to find the primary");
    this.host = place.host;
    this.port = place.port;
    const isStandby = standbyWatch(this);
    try {
      await super.connect();
    } catch (error) {
      if (primaries.get(url) === place) primaries.delete(url);
      throw error;
    }
    if (!isStandby()) return this;
    if (primaries.get(url) === place) primaries.delete(url);
    await this.end();
    throw new Error(`${named(place)} has become a standby`);
  }
}
