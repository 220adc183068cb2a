/** No page outside the portal answers 403. Without this file Next.js sends its own along with every page. */
export default function Forbidden() {
  return null;
}
