/**
 * The unit by which attempts and connections of an address are counted. It is an IPv4 address itself, and the /64 of
 * an IPv6 address, since one subscriber has all of that (RFC 6177, RFC 8981). An IPv4 address written as IPv6
 * (`::ffff:192.0.2.1`) counts as the IPv4 address. Anything else counts as it is written.
 */
export function networkOf(address: string): string {
  const groups = groupsOf(address);
  if (groups === null) return address;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address; null for anything else. */
function groupsOf(address: string): number[] | null {
  const dotted = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  const text = dotted
    ? `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
    : address;
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(":")) return null;
  const [before = "", after, ...more] = text.split("::");
  if (more.length > 0) return null;
  const numbers = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [head, tail] = [numbers(before), numbers(after ?? "")];
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return groups.every((group) => group <= 0xffff) ? groups : null;
}
