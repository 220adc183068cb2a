/** The hosts of an address, each with its port, where it names several. */
const several = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^@/?#]*,[^@/?#]*)((?:[/?#].*)?)$/i;

/**
 * Refuses a DATABASE_URL that is not an address, and rewrites one with several hosts. PostgreSQL's own programs accept
 * several hosts, but no reader of URLs does. So the first host stays, and all of them stand in its `hosts`. Throws one
 * line without any secret if a host is not valid.
 *
 * @param {Record<string, string | undefined>} environment Changed in place.
 */
export function takeDatabaseHosts(environment) {
  const given = environment.DATABASE_URL ?? "";
  const found = several.exec(given);
  // What reads it takes a name without a host, which means the socket. No URL has that.
  const readable = /^postgres(?:ql)?:\/\//i.test(given) && URL.canParse(given.replace("@/", "@socket/"));
  if (given !== "" && !found && !readable)
    throw new Error(
      "DATABASE_URL is no address such as postgresql://name:password@host:5432/postern. Write / # ? @ : and % of a name or password as %2F %23 %3F %40 %3A %25.",
    );
  const [, before = "", listed = "", after = ""] = found ?? [];
  if (!found) return;
  const hosts = listed.split(",").map((host) => (/:\d+$/.test(host) ? host : `${host}:5432`));
  const url = `${before}${hosts[0]}${after}`;
  if (!URL.canParse(url) || hosts.some((host) => !/^(?:\[[0-9a-f:.]+\]|[\w.-]+):\d{1,5}$/i.test(host)))
    throw new Error("DATABASE_URL names several hosts, and one of them is no host with a port.");
  const taken = new URL(url);
  const wanted = taken.searchParams.get("target_session_attrs") ?? "read-write";
  if (wanted !== "read-write" && wanted !== "primary")
    throw new Error(
      `DATABASE_URL has target_session_attrs=${wanted}: Postern writes, so let it be read-write, or leave it out.`,
    );
  taken.searchParams.delete("target_session_attrs");
  taken.searchParams.set("hosts", hosts.join(","));
  environment.DATABASE_URL = taken.href;
}
