import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** A program with its arguments, and the user as whom it runs. */
type Command = readonly [program: string, args: readonly string[], user: Partial<User>];

export interface PostgresAccount {
  /** Where the binaries are. */
  readonly native: string;
  /** The folder that holds the data. */
  readonly home: string;
  command(program: string, args: readonly string[]): Command;
  /** Makes the account the owner of a file or folder. */
  give(path: string): void;
}

/** The folder for what the system user must reach but cannot reach in the checkout or the data folder. */
const reachableFolder = "/var/lib/postern";
const userName = "postern";

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/** The system user's ids, from /etc/passwd; null if there is no such user. */
function findUser(): User | null {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${userName}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return line ? { uid: Number(uid), gid: Number(gid) } : null;
}

function systemUser(): User {
  const made =
    findUser() !== null ||
    // Debian, Red Hat and most others; then Alpine.
    succeeds("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", userName]) ||
    succeeds("adduser", ["-S", "-D", "-H", userName]);
  const user = made ? findUser() : null;
  if (user) return user;
  throw new Error(
    "PostgreSQL does not run as root, and neither a user namespace nor a system user can be created here: run Postern as an ordinary user, or set DATABASE_URL.",
  );
}

/** Whether other users can enter every folder above this path. */
function reachable(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** A folder that others may enter but not list. */
function passable(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
}

function copiedBinaries(native: string): string {
  const { version } = JSON.parse(readFileSync(join(dirname(native), "package.json"), "utf8"));
  const target = join(reachableFolder, `postgresql-${version}`);
  if (!existsSync(target)) {
    const unfinished = `${target}-${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, target);
  }
  return target;
}

/** Makes a user the owner of a file or folder and everything in it, unless they are already. */
function own(path: string, { uid, gid }: User): void {
  const entry = lstatSync(path);
  if (entry.isSymbolicLink()) return;
  if (entry.uid !== uid) chownSync(path, uid, gid);
  if (!entry.isDirectory()) return;
  for (const name of readdirSync(path)) own(join(path, name), { uid, gid });
}

/**
 * How PostgreSQL, which refuses to run as root, runs here: where its binaries are, and where its data is below
 * `parent`. An ordinary user runs it directly. Root runs it in a user namespace, in which the process has no
 * privileges and files stay root's. If namespaces are forbidden, as in many containers, root runs it as a
 * system user, from a folder that this user can reach.
 */
export function postgresAccount(native: string, parent: string): PostgresAccount {
  const asItIs: PostgresAccount = {
    native,
    home: parent,
    command: (program, args) => [program, args, {}],
    give: () => {},
  };
  if (process.getuid?.() !== 0) return asItIs;
  const root = { uid: 0, gid: 0 };
  const elsewhere = join(parent, "postgres-moved-to");
  const moved = existsSync(elsewhere) ? readFileSync(elsewhere, "utf8").trim() : null;
  if (succeeds("unshare", ["-U", "true"])) {
    return {
      native,
      home: moved ?? parent,
      command: (program, args) => ["unshare", ["-U", program, ...args], {}],
      give: (path) => own(path, root),
    };
  }
  const user = systemUser();
  passable(reachableFolder);
  let home = moved;
  if (home === null && reachable(parent)) {
    home = parent;
    chmodSync(parent, 0o711);
  } else if (home === null) {
    const digest = createHash("sha256").update(parent).digest("hex").slice(0, 12);
    home = join(reachableFolder, `${basename(parent).replace(/^\.+/, "")}-${digest}`);
    passable(home);
    if (existsSync(join(parent, "postgres"))) {
      cpSync(join(parent, "postgres"), join(home, "postgres"), { recursive: true, verbatimSymlinks: true });
      rmSync(join(parent, "postgres"), { recursive: true });
    }
    writeFileSync(elsewhere, home);
    console.log(
      `User namespaces are forbidden here: the database lives in ${home}, as the user ${userName}.`,
    );
  }
  return {
    native: reachable(join(native, "bin")) ? native : copiedBinaries(native),
    home,
    command: (program, args) => [program, args, user],
    give: (path) => own(path, user),
  };
}
