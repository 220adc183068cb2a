import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { refusalOf } from "@/lib/server/http/page-guard";

const site = { host: "postern.example", origin: "https://postern.example" };
const asked = (url: string, headers: Record<string, string> = {}, method = "POST") =>
  refusalOf({ url, method, headers } as unknown as IncomingMessage, site, {
    status: 421,
    title: "",
    text: "",
  });

it("takes what a provider posts from its server, and nothing else that does not come from a page here", () => {
  expect(asked("/api/auth/back-channel/contoso")).toBeNull();
  expect(asked("/sign-in")).toMatchObject({ status: 403 });
  expect(asked("/api/auth/callback/contoso")).toMatchObject({ status: 403 });
  expect(asked("/sign-in", { origin: "null" })).toMatchObject({ status: 403 });
  expect(asked("/sign-in", { origin: site.origin })).toBeNull();
  expect(asked("/api/auth/back-channel/contoso", {}, "DELETE")).toMatchObject({ status: 405 });
});
