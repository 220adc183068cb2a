/**
 * Remembers Ctrl or Cmd K while the page's scripts load, when the browser would otherwise handle the key or nobody
 * would. `CommandPalette` then opens. `nonce` is that of the page's Content-Security-Policy.
 */
export function EarlyPaletteKey({ nonce }: { nonce: string | undefined }) {
  return (
    <script nonce={nonce} suppressHydrationWarning>
      {`addEventListener("keydown",function(e){if((e.ctrlKey||e.metaKey)&&!e.altKey&&e.key.toLowerCase()==="k"&&window.paletteAsked!==null&&document.querySelector(".palette-button")){e.preventDefault();window.paletteAsked=true}})`}
    </script>
  );
}
