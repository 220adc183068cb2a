import { expect, it } from "vitest";
import { takeDatabaseHosts } from "@/scripts/parts/database-hosts.mjs";

function taken(url: string | undefined): string | undefined {
  const environment = { DATABASE_URL: url };
  takeDatabaseHosts(environment);
  return environment.DATABASE_URL;
}

it("several hosts become one address that says them all, with the usual port where none is named", () => {
  expect(taken("postgresql://postern:p%40ss@db-1,db-2:6000,[::1]:5432/postern?sslmode=verify-full")).toBe(
    "postgresql://postern:p%40ss@db-1:5432/postern?sslmode=verify-full&hosts=db-1%3A5432%2Cdb-2%3A6000%2C%5B%3A%3A1%5D%3A5432",
  );
  expect(taken("postgres://a@b,c/d?target_session_attrs=read-write")).toBe(
    "postgres://a@b:5432/d?hosts=b%3A5432%2Cc%3A5432",
  );
});

it("any other address stays as it is, a comma elsewhere included", () => {
  for (const url of [
    undefined,
    "",
    "postgresql://a:b,c@host/d",
    "postgresql://a:b@host/d?application_name=x,y",
    "postgresql:///d?host=/run/postgresql",
    "postgres://a@/d",
    "postgresql://a:b@%2Frun%2Fpostgresql/d",
  ])
    expect(taken(url)).toBe(url);
});

it.each([
  [
    "postgresql://postern:secret@db-1,db 2/postern",
    /^DATABASE_URL names several hosts, and one of them is no host with a port\.$/,
  ],
  ["postgresql://postern:secret@db-1,/postern", /no host with a port/],
  [
    "postgresql://postern:secret@db-1,db-2/postern?target_session_attrs=any",
    /^DATABASE_URL has target_session_attrs=any: Postern writes/,
  ],
  ["nonsense", /^DATABASE_URL is no address such as postgresql:\/\//],
  ["mysql://postern:secret@db/postern", /^DATABASE_URL is no address/],
  ["postgresql://postern:secret#1@db/postern", /^DATABASE_URL is no address .* %23 .*\.$/],
])("%s is refused in one line without its password", (url, said) => {
  expect(() => taken(url)).toThrow(said);
  expect(() => taken(url)).not.toThrow("secret");
});
