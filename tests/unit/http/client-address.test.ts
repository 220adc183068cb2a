import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { networkOf } from "@/lib/domain/people/network-of";
import { canonicalAddress, clientAddress, trustedProxiesOf } from "@/lib/server/http/client-address";

const asked = (forwarded: string | undefined, remoteAddress = "10.0.0.1") => ({
  headers: { "x-forwarded-for": forwarded },
  socket: { remoteAddress },
});

describe("forwarded header trusted (CVE-2024-47070)", () => {
  it("counts for nothing without a proxy that is trusted, and behind n of them the n-th from the right counts", () => {
    const list = "203.0.113.1, 203.0.113.2,203.0.113.3";
    expect(clientAddress(asked(list), 0)).toBe("10.0.0.1");
    expect(clientAddress(asked(list), 1)).toBe("203.0.113.3");
    expect(clientAddress(asked(list), 2)).toBe("203.0.113.2");
    expect(clientAddress(asked(list), 4)).toBe("10.0.0.1");
    expect(clientAddress(asked(undefined), 1)).toBe("10.0.0.1");
  });

  it("is the same address with a port, in brackets, in quotes, with a zone, in capitals, or mapped", () => {
    const spellings = {
      "203.0.113.9": [
        "203.0.113.9",
        "203.0.113.9:1",
        "203.0.113.9:65535",
        "::ffff:203.0.113.9",
        "[::FFFF:cb00:7109]:5",
      ],
      "2001:db8::1": [
        "2001:db8::1",
        "[2001:db8::1]",
        "[2001:db8::1]:443",
        '"[2001:DB8:0:0:0::1]:443"',
        "2001:db8::1%eth0",
      ],
    };
    for (const [address, texts] of Object.entries(spellings))
      for (const text of texts) expect(clientAddress(asked(`198.51.100.1, ${text}`), 1), text).toBe(address);
    expect(clientAddress(asked(undefined, "::ffff:192.0.2.4"), 0)).toBe("192.0.2.4");
  });

  it("that names no address is the connection's, so that nobody makes up counts of their own", () => {
    for (const text of [
      "unknown",
      "_hidden",
      "-",
      "1.2.3",
      "1.2.3.4:port",
      "[::1",
      "example.com",
      "1.2.3.4.5",
    ])
      expect(clientAddress(asked(text), 1), text).toBe("10.0.0.1");
  });

  it("is refused where the number of proxies makes no sense", () => {
    expect(trustedProxiesOf(undefined)).toBeNull();
    expect(trustedProxiesOf("")).toBeNull();
    expect(trustedProxiesOf("2")).toBe(2);
    for (const text of ["one", "-1", "1.5", "1,2", "true"])
      expect(() => trustedProxiesOf(text), text).toThrow("POSTERN_TRUSTED_PROXIES is");
  });
});

describe("an address is counted", () => {
  it("with its /64 when it is an IPv6 one, whatever its lower half and its spelling", () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 8, maxLength: 8 }),
        fc.array(group, { minLength: 4, maxLength: 4 }),
        (one, lower) => {
          const address = canonicalAddress(one.join(":")) ?? "";
          fc.pre(address.includes(":"));
          const neighbour = canonicalAddress([...one.slice(0, 4), ...lower].join(":")) ?? "";
          fc.pre(neighbour.includes(":"));
          expect(networkOf(neighbour)).toBe(networkOf(address));
          expect(networkOf(one.join(":"))).toBe(networkOf(address));
          const next = ((Number.parseInt(one[3] ?? "0", 16) + 1) & 0xffff).toString(16);
          expect(networkOf([...one.slice(0, 3), next, ...one.slice(4)].join(":"))).not.toBe(
            networkOf(address),
          );
        },
      ),
    );
    expect(networkOf("2001:db8::1")).toBe(networkOf("2001:db8:0:0:ffff::"));
    expect(networkOf("2001:db8::1")).not.toBe(networkOf("2001:db8:0:1::1"));
  });

  it("by itself when it is an IPv4 one, also when it is mapped", () => {
    expect(networkOf("192.0.2.9")).toBe("192.0.2.9");
    expect(networkOf("::ffff:192.0.2.9")).toBe("192.0.2.9");
    expect(networkOf("::ffff:c000:209")).toBe("192.0.2.9");
  });

  it("as it is written when it is none", () => {
    for (const text of ["unknown", ":", ":::", "1:2", "g::1", "1::2::3", "12345::"])
      expect(networkOf(text)).toBe(text);
  });
});
