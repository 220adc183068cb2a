/**
 * Remembers Ctrl or Cmd K, and what is typed after it, while the page's scripts load. Otherwise the browser
 * would handle the keys, or nothing would. `CommandPalette` then opens with it. `nonce` is that of the page's
 * Content-Security-Policy.
 */
export function EarlyPaletteKey({ nonce }: { nonce: string | undefined }) {
  return (
    <script nonce={nonce} suppressHydrationWarning>
      {`addEventListener("keydown",function(e){var w=window,t=w.paletteAsked,k=e.key;if(t===null||!document.querySelector(".palette-button"))return;if((e.ctrlKey||e.metaKey)&&!e.altKey){if(k.toLowerCase()!=="k")return;w.paletteAsked=t||""}else if(t===undefined||e.altKey&&!e.getModifierState("AltGraph"))return;else if(k==="Escape")w.paletteAsked=undefined;else if(k==="Backspace")w.paletteAsked=t.slice(0,-1);else if(k.length===1)w.paletteAsked=t+k;else if(k!=="Enter")return;e.preventDefault()})`}
    </script>
  );
}
