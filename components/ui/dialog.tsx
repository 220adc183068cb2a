"use client";

import { cloneElement, lazy, Suspense, useEffect, useState } from "react";

const load = () => import("@/components/ui/open-dialog");
const OpenDialog = lazy(load);

/**
 * A modal dialog. Focus moves in, stays in, and returns to where it was. If that element is gone, such as the button of
 * a role that is now active, focus moves to the page's content. The code of the dialog is loaded when it is about to
 * open.
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
