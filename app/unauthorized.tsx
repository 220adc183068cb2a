/** Nothing answers 401 with a page. Without this file Next.js sends its own along with every page. */
export default function Unauthorized() {
  return null;
}
