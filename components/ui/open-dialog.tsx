"use client";

import { Dialog as Radix } from "radix-ui";
import { useRef } from "react";
import { Sentence } from "@/components/ui/name";

/** The content of an open dialog, in its own module so that pages load without it. */
export default function OpenDialog(props: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  children: React.ReactNode;
}) {
  const opener = useRef<Element | null>(null);
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content
          className="dialog"
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
          }}
        >
          <Radix.Title className="text-lg font-semibold wrap-anywhere">
            <Sentence of={props.title} />
          </Radix.Title>
          <Radix.Description className="mt-1 mb-4 text-muted wrap-anywhere">
            <Sentence of={props.description} />
          </Radix.Description>
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
