"use client";

import type { IconName } from "@/components/ui/icon-names";
import sprite from "@/components/ui/icons.svg";

interface IconProps {
  readonly name: IconName;
  /** Width and height, in pixels. */
  readonly size?: number;
  readonly className?: string;
  /** The meaning of the icon, if no text beside it says so. */
  readonly label?: string;
}

/**
 * An icon of the sprite. The shapes are in one file for all pages, which browsers cache
 * (docs/decisions/speed.md). Its colour is the text's, in print and in forced colours too.
 */
export function Icon({ name, size = 16, className, label }: IconProps) {
  const look = { className: className ? `icon ${className}` : "icon", width: size, height: size };
  const shape = <use href={`${sprite.src}#${name}`} />;
  return label ? (
    <svg role="img" aria-label={label} {...look}>
      {shape}
    </svg>
  ) : (
    <svg aria-hidden="true" {...look}>
      {shape}
    </svg>
  );
}
