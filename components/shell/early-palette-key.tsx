/**
 * Remembers that Ctrl or Cmd K was pressed while the page's scripts were still loading; without it the browser would
 * answer that key itself, or nobody would. `CommandPalette` opens on what is remembered. `nonce` is that of the page's
 * Content-Security-Policy.
 */
export function EarlyPaletteKey({ nonce }: { nonce: string | undefined }) {
  return (
    <script nonce={nonce} suppressHydrationWarning>
      {`addEventListener("keydown",function(e){if((e.ctrlKey||e.metaKey)&&!e.altKey&&e.key.toLowerCase()==="k"&&window.paletteAsked!==null&&document.querySelector(".palette-button")){e.preventDefault();window.paletteAsked=true}})`}
    </script>
  );
}
