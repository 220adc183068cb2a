import { createHash, randomBytes } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBackup, writeBackup } from "@/lib/server/backup/backup-file";
import {
  contentOf,
  endShape,
  FrameWriter,
  headerShape,
  readFrames,
  tableEndShape,
} from "@/lib/server/backup/frames";
import { loadBackup } from "@/lib/server/backup/load-backup";
import { verifyBackup } from "@/lib/server/backup/verify-backup";
import {
  asOwner,
  asStarted,
  keys,
  keyText,
  makeBackup,
  ownFolder,
  passphraseFile,
} from "../../support/database/backups";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeUser } from "../../support/factories";
import { runCommand } from "../../support/processes/command";

const passphrase = "correct horse battery staple";
const folder = ownFolder();
let test: TestDatabase;
let plain: string;
let encrypted: string;
beforeAll(async () => {
  test = await createTestDatabase();
  await asStarted(test.url);
  await makeUser(test.database, "Ada Byron");
  plain = folder.path("plain");
  encrypted = folder.path("encrypted");
  await makeBackup(test.url, plain);
  await makeBackup(test.url, encrypted, {
    passphrase,
    along: { encryptionKeys: keyText, demoAccounts: null },
  });
});
afterAll(async () => {
  folder.remove();
  await test.drop();
});

/** The fault that reading a file to its end finds; null if none. */
async function fault(path: string, given: string | null = null, own: typeof keys | null = keys) {
  try {
    const file = await openBackup(
      path,
      async () => given ?? expect.fail("no passphrase was to be asked for"),
    );
    await verifyBackup(file, own);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
let copies = 0;
function copyOf(path: string, change: (content: Buffer) => Buffer): string {
  const copy = folder.path(`copy-${++copies}`);
  writeFileSync(copy, change(readFileSync(path)));
  return copy;
}

/** All frames of a file without a passphrase. */
async function readAll(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await openBackup(path, async () => "")).frames()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Turns one bit of the byte at this place around. */
const flip = (at: number) => (content: Buffer) => {
  content[at] = (content[at] ?? 0) ^ 0x10;
  return content;
};

describe("a backup file", () => {
  it("is read to its end as it was written, by its owner alone", async () => {
    expect(await fault(plain)).toBeNull();
    expect(await fault(encrypted, passphrase, null)).toBeNull();
    expect(statSync(plain).mode & 0o777).toBe(0o600);
    expect(readFileSync(encrypted).includes("Ada Byron")).toBe(false);
    expect(readFileSync(encrypted).includes(keyText)).toBe(false);
  });

  it("that is cut off anywhere is refused as cut off", async () => {
    const { size } = statSync(plain);
    for (const length of [0, 3, 16, 17, 40, 200, size >> 1, size - 30, size - 8, size - 1])
      expect(await fault(copyOf(plain, (content) => content.subarray(0, length))), `${length}`).toMatch(
        /^the file is cut off/,
      );
    const half = copyOf(encrypted, (content) => content.subarray(0, content.length >> 1));
    expect(await fault(half, passphrase)).toMatch(/cut off|altered/);
  });

  it("of which one byte is another, or to which something is added, is refused", async () => {
    const { size } = statSync(plain);
    const places = [...Array(40).keys()].map((n) => 30 + Math.floor(((size - 31) * n) / 39));
    const written = await readAll(plain);
    for (const at of places) {
      const copy = copyOf(plain, flip(at));
      const said = await fault(copy);
      // Some bits of compressed data are unused: without them the data is the same.
      if (said === null) expect(written.equals(await readAll(copy)), `${at}`).toBe(true);
      else expect(said, `${at}`).toMatch(/altered|cut off/);
    }
    for (const more of ["x", readFileSync(plain)])
      expect(await fault(copyOf(plain, (content) => Buffer.concat([content, Buffer.from(more)])))).toMatch(
        /altered|cut off/,
      );
    // Unpacking skips zeros, so now and then no fault was reported.
    for (const zeros of [1, 5_000, 2_000_000])
      expect(await fault(copyOf(plain, (content) => Buffer.concat([content, Buffer.alloc(zeros)])))).toMatch(
        /not as it was written/,
      );
    expect(await fault(copyOf(encrypted, flip(statSync(encrypted).size >> 1)), passphrase)).toMatch(
      /altered/,
    );
  });

  it("needs its passphrase, and says when another is given", async () => {
    expect(await fault(encrypted, "wrong horse battery staple")).toMatch(/^the passphrase is wrong/);
    const said = await runCommand("restore", ["--verify", encrypted], {});
    expect(said).toMatchObject({ code: 1, said: expect.stringMatching(/POSTERN_BACKUP_PASSPHRASE_FILE/) });
  });

  it("of a newer version, or of another product, is named as such", async () => {
    const newer = copyOf(plain, (content) =>
      Buffer.concat([Buffer.from("POSTERN-BACKUP 2\n"), content.subarray(17)]),
    );
    expect(await fault(newer)).toMatch(/newer version of Postern \(its format is 2/);
    for (const other of ["PGDMP\x01\x0e", "SQLite format 3\0", "PK\x03\x04", "POSTERN-BACKUP x\n", "{}"])
      expect(await fault(copyOf(plain, () => Buffer.from(other.padEnd(100, " "))))).toBe(
        "this is no backup of Postern",
      );
    expect(await fault(folder.path("none"))).toMatch(/cannot be read \(ENOENT\)/);
    const later = await rewritten((header) => ({
      ...header,
      version: "9.0.0",
      migrations: [...header.migrations, { name: "20990101000000_later", checksum: "0" }],
    }));
    expect(await fault(later)).toMatch(/newer version of Postern \(9\.0\.0\).*20990101000000_later/);
    const edited = await rewritten((header) => ({
      ...header,
      migrations: header.migrations.map((each, n) => (n === 3 ? { ...each, checksum: "0" } : each)),
    }));
    expect(await fault(edited)).toMatch(/differs in this version/);
    // Damage may have changed the header in this way. The checksum is eight bytes before the end, far behind
    // the header.
    const large = await rewritten(
      (header) => ({ ...header, migrations: [...header.migrations, { name: "2099_later", checksum: "0" }] }),
      (rows) => Buffer.concat([rows, randomBytes(500_000)]),
    );
    expect(await fault(large)).toMatch(/newer version of Postern/);
    expect(await fault(copyOf(large, flip(statSync(large).size - 8)))).toMatch(/altered/);
  });

  it("that somebody without the key altered, all digests made anew, is known by its seal", async () => {
    const altered = await rewritten(
      (header) => header,
      (rows) => Buffer.from(rows.toString("utf8").replaceAll("Ada Byron", "Eve Byron")),
    );
    expect(await fault(altered)).toMatch(/^the seal is not that of the key k1/);
    // Without the key nobody can notice, and a restore needs the key.
    expect(await fault(altered, null, null)).toBeNull();
    const kept = folder.path("unsealed");
    const restored = await runCommand("restore", [altered], { POSTERN_DATA_DIR: kept });
    expect(restored.said).toMatch(/has no encryption keys under a passphrase, and there are none here/);
    expect(existsSync(`${kept}/postgres`)).toBe(false);
  });

  it("is not read in where another lies in its place after it was verified, whatever that says of itself", async () => {
    const { digest } = await verifyBackup(await openBackup(plain, async () => ""), keys);
    const altered = await rewritten(
      (header) => header,
      (rows) => Buffer.from(rows.toString("utf8").replaceAll("Ada Byron", "Eve Byron")),
    );
    const replaced = await openBackup(altered, async () => "");
    const readIn = (ends: boolean) =>
      asOwner(test.url, (client) =>
        loadBackup(
          client,
          {
            encrypted: false,
            async *frames() {
              const writer = new FrameWriter();
              for await (const frame of readFrames(replaced.frames()))
                if (frame.kind !== "Z") yield writer.data(frame.kind, frame.payload);
                else if (ends) yield writer.json("Z", { ...contentOf(frame, endShape), digest });
            },
          },
          digest,
        ),
      );
    await expect(readIn(true)).rejects.toThrow(/replaced while it was read/);
    await expect(readIn(false), "without an end").rejects.toThrow(/replaced while it was read/);
    expect(await test.database.client.principal.count({ where: { displayName: "Eve Byron" } })).toBe(0);
  }, 60_000);

  it("brings no keys without a passphrase: whoever wrote it could have sealed it with their own", async () => {
    const forged = folder.path("forged");
    await makeBackup(test.url, forged, { along: { encryptionKeys: keyText, demoAccounts: null } });
    const file = await openBackup(forged, async () => expect.fail("no passphrase was to be asked for"));
    expect(await verifyBackup(file, null)).toMatchObject({ along: null, sealed: null });
    const kept = folder.path("unkeyed");
    const restored = await runCommand("restore", [forged], { POSTERN_DATA_DIR: kept });
    expect(restored.said).toMatch(/has no encryption keys under a passphrase, and there are none here/);
    expect(existsSync(`${kept}/encryption-keys`)).toBe(false);
    expect(await fault(encrypted, passphrase, null), "with one").toBeNull();
  });
});

/** The plain backup with another header or other rows and matching digests, under the old seal. */
async function rewritten(
  changeHeader: (header: ReturnType<typeof headerShape.parse>) => unknown,
  changeRows: (rows: Buffer) => Buffer = (rows) => rows,
): Promise<string> {
  const file = await openBackup(plain, async () => "");
  async function* frames() {
    const writer = new FrameWriter();
    let hash = createHash("sha256");
    for await (const frame of readFrames(file.frames())) {
      if (frame.kind === "H") yield writer.json("H", changeHeader(contentOf(frame, headerShape)));
      else if (frame.kind === "D") {
        const rows = changeRows(frame.payload);
        hash.update(rows);
        yield writer.data("D", rows);
      } else if (frame.kind === "E") {
        yield writer.json("E", { ...contentOf(frame, tableEndShape), digest: hash.digest("hex") });
        hash = createHash("sha256");
      } else if (frame.kind === "Z")
        yield writer.json("Z", { ...contentOf(frame, endShape), digest: writer.digest() });
      else yield writer.data(frame.kind, frame.payload);
    }
  }
  const path = folder.path(`rewritten-${++copies}`);
  await writeBackup(path, frames(), null);
  return path;
}

describe("npm run backup", () => {
  const environment = () => ({ DATABASE_URL: test.url, POSTERN_ENCRYPTION_KEYS: keyText });

  it("writes over nothing, and leaves nothing where it cannot finish", async () => {
    const path = folder.path("there");
    writeFileSync(path, "mine");
    const over = await runCommand("backup", [path], environment());
    expect(over).toMatchObject({ code: 1, said: expect.stringMatching(/is there already/) });
    expect(readFileSync(path, "utf8")).toBe("mine");
    const unfinished = folder.path("unfinished");
    appendFileSync(`${unfinished}.partial`, "");
    expect((await runCommand("backup", [unfinished], environment())).said).toMatch(/\.partial is there/);
    const full = folder.path("full");
    // No file of this shell may be larger than 4 KiB. Writing more fails as on a full disk.
    const limited = ["bash", "-c", 'ulimit -f 4; trap "" XFSZ; exec "$@"', "bash"];
    const noRoom = await runCommand("backup", [full], environment(), limited);
    expect(noRoom).toMatchObject({ code: 1, said: expect.stringMatching(/no room/) });
    expect([existsSync(full), existsSync(`${full}.partial`)]).toEqual([false, false]);
    truncateSync(`${unfinished}.partial`);
  });

  it("puts the keys in only with a passphrase of some length", async () => {
    const keysOnly = await runCommand("backup", ["--with-keys", folder.path("k")], environment());
    expect(keysOnly).toMatchObject({ code: 1, said: expect.stringMatching(/a passphrase is needed/) });
    const file = passphraseFile(folder.path("short"), "too short");
    const short = await runCommand("backup", [folder.path("k")], {
      ...environment(),
      POSTERN_BACKUP_PASSPHRASE_FILE: file,
    });
    expect(short.said).toMatch(/shorter than 12/);
    expect(existsSync(folder.path("k"))).toBe(false);
    expect((await runCommand("backup", ["--all"], environment())).said).toMatch(/npm run backup -- FILE/);
  });

  it("wants the keys of what it writes", async () => {
    const other = { ...environment(), POSTERN_ENCRYPTION_KEYS: `k1:${"2".repeat(64)}` };
    const said = await runCommand("backup", [folder.path("other")], other);
    expect(said).toMatchObject({ code: 1, said: expect.stringMatching(/other digits/) });
    expect(existsSync(folder.path("other"))).toBe(false);
  });
});
