import { describe, expect, it } from "vitest";
import { networkOf } from "@/lib/domain/people/network-of";

describe("attempts are counted", () => {
  it("by the address itself where it is one of IPv4, also written as IPv6", () => {
    expect(networkOf("192.0.2.1")).toBe("192.0.2.1");
    for (const mapped of ["::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"])
      expect(networkOf(mapped), mapped).toBe("192.0.2.1");
    expect(networkOf("::ffff:10.20.30.255")).toBe("10.20.30.255");
  });

  it("by the half that a subscriber is given where it is one of IPv6", () => {
    const home = "2001:db8:a:b::/64";
    for (const address of ["2001:db8:a:b::1", "2001:DB8:000a:b:1:2:3:4", "2001:db8:a:b:1:2:192.0.2.1"])
      expect(networkOf(address), address).toBe(home);
    expect(networkOf("2001:db8:a:c::1")).toBe("2001:db8:a:c::/64");
    expect(networkOf("2001:db8::")).toBe("2001:db8:0:0::/64");
    expect(networkOf("fe80:1:2:3:4:5:6::")).toBe("fe80:1:2:3::/64");
    // Neither is an IPv4 address written as IPv6.
    for (const address of ["::192.0.2.1", "0:0:0:0:1:ffff:c000:201", "1:0:0:0:0:ffff:c000:201"])
      expect(networkOf(address), address).toMatch(/^[01]:0:0:0::\/64$/);
  });

  it.each([
    ["", "nothing"],
    ["unknown", "a word"],
    ["1234", "a number"],
    ["1:2:3:4:5:6:7", "seven groups"],
    ["1:2:3:4:5:6:7:8:9", "nine groups"],
    ["1:2:3:4:5:6:7:8::", "a gap that nothing is left for"],
    ["1::2::3", "two gaps"],
    ["1:2:3:4:5:6:7:10000", "a group of five digits"],
    ["1:2:3:4:5:6:7:", "a last group that is empty"],
    ["1:2:3:4:5:6:7:g", "a letter that is no digit"],
    ["2001:db8::1%eth0", "a zone"],
    ["::ffff:999.0.2.1", "a number that no byte holds"],
    ["::ffff:192.0.2.1.5", "five numbers"],
    ["x\n::ffff:192.0.2.1", "another line"],
  ])("as it is written where %j is no address (%s)", (text) => {
    expect(networkOf(text)).toBe(text);
  });
});
