"use client";

import { Check, Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { type Theme, themes } from "@/components/shell/themes";
import { MenuButton } from "@/components/ui/menu";

const looks = {
  system: { label: "System", icon: Monitor },
  light: { label: "Light", icon: Sun },
  dark: { label: "Dark", icon: Moon },
} as const;

/** Chooses the light, dark or system theme, and remembers it for a year. */
export function ThemeMenu({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const Current = looks[theme].icon;
  function choose(next: Theme) {
    document.documentElement.dataset.theme = next;
    Reflect.set(document, "cookie", `postern-theme=${next}; path=/; max-age=31536000; samesite=lax`);
    setTheme(next);
  }
  return (
    <MenuButton label="Theme" className="button button-quiet px-2" face={<Current aria-hidden size={17} />}>
      {themes.map((each) => {
        const { label, icon: Icon } = looks[each];
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
            <Icon aria-hidden size={16} />
            <span className="grow">{label}</span>
            {each === theme ? <Check aria-hidden size={16} /> : null}
          </button>
        );
      })}
    </MenuButton>
  );
}
