/** A portal of one organisation is nothing for search engines. */
export function GET(): Response {
  return new Response("User-agent: *\nDisallow: /\n", { headers: { "content-type": "text/plain" } });
}
