"use client";

import { cloneElement, Suspense, useEffect, useState } from "react";
import { dialogPartsComeNear } from "@/components/ui/forms/dialog-fields";
import { later } from "@/components/ui/later";

const OpenDialog = later(() => import("@/components/ui/open-dialog").then((module) => module.default));

/** Loads the code of a dialog that is about to open, and of its form. */
export function dialogComesNear(): void {
  OpenDialog.comeNear();
  dialogPartsComeNear();
}

/**
 * A modal dialog. Focus moves in, stays in, and returns to where it was. If that element is gone, such as the
 * button of a role that is now active, focus moves to the page's content. The code of the dialog, of its form
 * and of what `comeNear` loads is loaded when the dialog is about to open. A click before that opens the dialog
 * once the code has arrived.
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
  /** Loads what else is rendered in the dialog (`later`). */
  comeNear?: () => void;
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
  const comeNear = () => {
    dialogComesNear();
    props.comeNear?.();
  };
  return (
    <>
      {trigger
        ? cloneElement(trigger, {
            "aria-haspopup": "dialog",
            "aria-expanded": props.open,
            onPointerEnter: comeNear,
            onFocus: comeNear,
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
