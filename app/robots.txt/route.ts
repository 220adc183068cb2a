/** Keeps search engines out, since the portal serves one organisation. */
export function GET(): Response {
  return new Response("User-agent: *\nDisallow: /\n", { headers: { "content-type": "text/plain" } });
}
