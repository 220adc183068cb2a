/** A mail domain in one spelling: lower case, and as in DNS if it is not ASCII. */
export function mailDomain(text: string): string {
  const typed = text.trim().toLowerCase();
  // A URL may contain more than a host. None of that belongs to a domain, so such text is left
  // as it is.
  if (/[/?#@:\\%]/.test(typed)) return typed;
  return URL.canParse(`http://${typed}`) ? new URL(`http://${typed}`).hostname : typed;
}
