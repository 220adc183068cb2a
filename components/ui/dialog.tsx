"use client";

import { cloneElement, lazy, Suspense, useEffect, useState } from "react";

const load = () => import("@/components/ui/open-dialog");
const OpenDialog = lazy(load);

/**
 * A modal dialog: focus moves in, stays in, and goes back to where it was; to the page's content when what opened it
 * has gone meanwhile, as the button of a role that is active now. Its code is fetched when somebody is about to open it.
 */
export function Dialog({
  trigger,
  ...props
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  trigger?: React.ReactElement<React.ComponentProps<"button">>;
  children: React.ReactNode;
}) {
  const [used, setUsed] = useState(props.open);
  if (props.open && !used) setUsed(true);
  useEffect(
    () => () => {
      const { activeElement, body } = document;
      if (activeElement === null || activeElement === body) document.getElementById("main")?.focus();
    },
    [],
  );
  return (
    <>
      {trigger
        ? cloneElement(trigger, {
            "aria-haspopup": "dialog",
            "aria-expanded": props.open,
            onPointerEnter: () => void load(),
            onFocus: () => void load(),
            onClick: (event: React.MouseEvent<HTMLButtonElement>) => {
              trigger.props.onClick?.(event);
              if (!event.defaultPrevented) props.onOpenChange(true);
            },
          })
        : null}
      {used ? (
        <Suspense>
          <OpenDialog {...props} />
        </Suspense>
      ) : null}
    </>
  );
}
