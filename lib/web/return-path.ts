/**
 * Where to go after signing in: a path of this site, or the home page for anything else (prevents open redirects).
 */
export function safeReturnPath(path: unknown): string {
  if (typeof path !== "string" || path.length > 2_000 || !/^\/(?![/\\])/.test(path)) return "/";
  const base = "http://postern.invalid";
  if (!URL.canParse(path, base) || /[\\\p{Cc}]/u.test(path)) return "/";
  const url = new URL(path, base);
  // `/..//elsewhere` becomes `//elsewhere`, which names another host.
  return url.origin === base && !url.pathname.startsWith("//") ? `${url.pathname}${url.search}` : "/";
}
