import localFont from "next/font/local";

/* Inter (SIL Open Font License, see fonts/OFL.txt) as a variable font, reduced to the weights 400 to 600. The
   two files contain different letters, and nearly every page needs only the first. The fallback has its
   metrics, but not its widths. So a page that was rendered before the font arrived keeps the fallback
   (`optional`), and nothing moves. */
const inter = localFont({
  src: "./fonts/inter-latin.woff2",
  weight: "400 600",
  variable: "--font-inter",
  display: "optional",
  adjustFontFallback: "Arial",
});

const interExtended = localFont({
  src: "./fonts/inter-latin-ext.woff2",
  weight: "400 600",
  variable: "--font-inter-ext",
  display: "optional",
  preload: false,
  adjustFontFallback: false,
  declarations: [
    {
      prop: "unicode-range",
      value:
        "U+0100-0130, U+0132-0151, U+0154-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1D00-1DBF, U+1E00-1E9F, U+1EF2-1EFF, U+2020, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF",
    },
  ],
});

/** The classes that name the typeface for the style sheets. */
export const typeface = `${inter.variable} ${interExtended.variable}`;
