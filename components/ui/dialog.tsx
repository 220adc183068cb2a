"use client";

import { Dialog as Radix } from "radix-ui";
import { useEffect } from "react";

/**
 * A modal dialog: focus moves in, stays in, and goes back to where it was; to the page's content when what opened it
 * has gone meanwhile, as the button of a role that is active now.
 */
export function Dialog(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  trigger?: React.ReactNode;
  children: React.ReactNode;
}) {
  useEffect(
    () => () => {
      const { activeElement, body } = document;
      if (activeElement === null || activeElement === body) document.getElementById("main")?.focus();
    },
    [],
  );
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      {props.trigger ? <Radix.Trigger asChild>{props.trigger}</Radix.Trigger> : null}
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content className="dialog">
          <Radix.Title className="text-lg font-semibold">{props.title}</Radix.Title>
          <Radix.Description className="mt-1 mb-4 text-muted">{props.description}</Radix.Description>
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
