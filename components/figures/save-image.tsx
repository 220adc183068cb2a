"use client";

import type { Entry } from "@/components/figures/figure-image";
import { Icon } from "@/components/ui/icon";
import { toast } from "@/components/ui/toast";

const loadCode = () => import("@/components/figures/figure-image");

/** Saves the drawing of a figure as a PNG. The code that draws it is loaded when the pointer or the focus is near. */
export function SaveImage({
  figureId,
  title,
  legend,
}: {
  figureId: string;
  title: string;
  legend: readonly Entry[];
}) {
  // If loading ahead fails, it is requested again by the click.
  const comeNear = () => void loadCode().catch(() => undefined);
  async function save() {
    try {
      const { saveFigure } = await loadCode();
      await saveFigure(figureId, title, legend);
    } catch {
      toast.error("The image could not be made in this browser.");
    }
  }
  return (
    <button
      type="button"
      className="button button-quiet px-2 text-muted"
      aria-label={`Download ${title} as PNG`}
      onPointerEnter={comeNear}
      onFocus={comeNear}
      onClick={() => void save()}
    >
      <Icon name="image-down" size={15} /> <span className="hidden @md:inline">PNG</span>
    </button>
  );
}
