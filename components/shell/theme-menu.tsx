"use client";

import { useState } from "react";
import { type Theme, themes } from "@/components/shell/themes";
import { Icon } from "@/components/ui/icon";
import { MenuButton } from "@/components/ui/menu";

const looks = {
  system: { label: "System", icon: "monitor" },
  light: { label: "Light", icon: "sun" },
  dark: { label: "Dark", icon: "moon" },
} as const;

/** Chooses the light, dark or system theme, and remembers it for a year. */
export function ThemeMenu({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  function choose(next: Theme) {
    document.documentElement.dataset.theme = next;
    Reflect.set(document, "cookie", `postern-theme=${next}; path=/; max-age=31536000; samesite=lax`);
    setTheme(next);
  }
  return (
    <MenuButton
      label="Theme"
      className="button button-quiet px-2"
      face={<Icon name={looks[theme].icon} size={17} />}
    >
      {themes.map((each) => {
        const { label, icon } = looks[each];
        return (
          <button
            key={each}
            type="button"
            role="menuitemradio"
            tabIndex={-1}
            aria-checked={each === theme}
            className="menu-item"
            onClick={() => choose(each)}
          >
            <Icon name={icon} size={16} />
            <span className="grow">{label}</span>
            {each === theme ? <Icon name="check" size={16} /> : null}
          </button>
        );
      })}
    </MenuButton>
  );
}
