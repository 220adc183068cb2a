"use client";

import * as Radix from "@radix-ui/react-dialog";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { usePaletteSearch } from "@/components/preferences/use-palette-search";
import { Icon } from "@/components/ui/icon";
import { leadingPages } from "@/lib/domain/preferences/palette-order";
import { longestSearch } from "@/lib/domain/text/limits";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { PaletteItem } from "@/lib/queries/preferences/palette-item";
import { leavePage } from "@/lib/web/leaving";

/** A page that the palette offers. */
export interface PalettePage {
  readonly href: string;
  readonly label: string;
}

/** More destinations, besides the pages of the left pane. */
const further: readonly PalettePage[] = [
  { href: "/my-roles?tab=bundles", label: "Bundles of roles" },
  { href: "/my-roles?tab=active", label: "Active roles: extend, deactivate" },
  { href: "/my-roles?tab=expired", label: "Expired roles" },
  { href: "/account/security?replace=1", label: "Authenticator app: set up or replace" },
  { href: "/notifications", label: "Notifications" },
  { href: "/account/notifications", label: "Choose which notifications are mailed" },
  { href: "/account/preferences", label: "Keyboard shortcuts" },
];

function matching(pages: readonly PalettePage[], typed: string): PalettePage[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return pages.filter((page) => words.every((word) => page.label.toLowerCase().includes(word)));
}

/**
 * The command palette: pages and actions, and the roles, resources and people that the server finds. Enter
 * chooses once, and only what the reader meant. While a search runs it waits for the answer, and before any
 * other key it does nothing.
 */
export default function PaletteDialog({
  pages,
  typed,
  onType,
  onClose,
}: {
  pages: readonly PalettePage[];
  typed: string;
  onType: (typed: string) => void;
  onClose: () => void;
}) {
  const router = useRouter();
  const field = useRef<HTMLInputElement>(null);
  const { status, answer } = usePaletteSearch(typed);
  const matchingPages = matching([...pages, ...further], typed);
  const named = [...answer.activations, ...answer.resources, ...answer.roles, ...answer.people];
  const leading = leadingPages(matchingPages, named, typed);
  const otherPages = matchingPages.filter((page) => !leading.includes(page));
  const found = [...leading, ...named, ...answer.next, ...otherPages];
  const count = found.length;
  const gone = useRef(false);
  const go = (href: string) => {
    if (gone.current) return;
    gone.current = true;
    onClose();
    leavePage(() => router.push(href));
  };
  const pressed = useRef(false);
  const entered = useRef<string | null>(null);
  function onKeyDown(event: React.KeyboardEvent) {
    if (event.key !== "Enter") {
      pressed.current = true;
      entered.current = null;
    } else if (event.repeat || (typed === "" && !pressed.current)) event.preventDefault();
    else if (status === "searching" && typed.trim() !== "") {
      event.preventDefault();
      entered.current = typed;
    } else if (!event.currentTarget.querySelector("[cmdk-item][aria-selected=true]")) {
      // When results are replaced while they are rendered, none may be selected. Then Enter means the first.
      event.preventDefault();
      const [first] = found;
      if (first) go(first.href);
    }
  }
  useEffect(() => {
    if (status === "searching" || entered.current === null) return;
    const [first] = found;
    if (entered.current === typed && first) go(first.href);
    entered.current = null;
  });
  const announcement =
    status === "failed"
      ? "The server did not answer. Keep typing to try again."
      : status === "signed out"
        ? "Your session has ended. Reload the page to sign in."
        : status === "searching"
          ? "Searching…"
          : count === 0
            ? "No results"
            : `${count} ${count === 1 ? "result" : "results"}`;
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content
          className="palette"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            field.current?.focus();
            // Typing continues the earlier text and does not replace it.
            field.current?.setSelectionRange(typed.length, typed.length);
          }}
          onCloseAutoFocus={(event) => {
            if (!gone.current) return;
            // Another Enter would open the palette again.
            event.preventDefault();
            document.getElementById("main")?.focus({ preventScroll: true });
          }}
        >
          <Radix.Title className="sr-only">Search</Radix.Title>
          <Command shouldFilter={false} loop label="Search" onKeyDown={onKeyDown}>
            <div className="flex items-center border-b border-line">
              <Command.Input
                ref={field}
                className="palette-input"
                placeholder="Search, or “activate …”"
                value={typed}
                onValueChange={onType}
                maxLength={longestSearch}
              />
              <Radix.Close className="button button-quiet mr-2 text-muted">Close</Radix.Close>
            </div>
            <Command.List className="palette-list" label="Results">
              {count === 0 && status === "found" ? (
                <p className="grid h-full place-content-center p-6 text-center text-muted">
                  Nothing that you may see matches.
                </p>
              ) : null}
              <Group heading="Pages" items={leading.map(asItem)} onSelect={go}>
                <Icon name="arrow-right" size={16} />
              </Group>
              <Group heading="Activate" items={answer.activations} onSelect={go}>
                <Icon name="key-round" size={16} />
              </Group>
              <Group heading="Resources" items={answer.resources} onSelect={go}>
                <Icon name="boxes" size={16} />
              </Group>
              <Group heading="Roles" items={answer.roles} onSelect={go}>
                <Icon name="shield-check" size={16} />
              </Group>
              <Group heading="People" items={answer.people} onSelect={go}>
                <Icon name="user" size={16} />
              </Group>
              <Group heading="Next" items={answer.next} onSelect={go}>
                <Icon name="arrow-right" size={16} />
              </Group>
              <Group heading="Pages and actions" items={otherPages.map(asItem)} onSelect={go}>
                <Icon name="arrow-right" size={16} />
              </Group>
            </Command.List>
          </Command>
          <p
            role="status"
            className={`border-t border-line px-4 py-2 ${status === "failed" || status === "signed out" ? "text-danger" : "text-muted"}`}
          >
            {announcement}
          </p>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const asItem = (page: PalettePage): PaletteItem => ({ ...page, id: page.href, hint: "" });

function Group(props: {
  heading: string;
  items: readonly PaletteItem[];
  onSelect: (href: string) => void;
  children: React.ReactNode;
}) {
  if (props.items.length === 0) return null;
  return (
    <Command.Group heading={props.heading}>
      {props.items.map((item) => (
        <Command.Item
          key={item.id}
          value={`${props.heading} ${item.id}`}
          className="palette-item"
          onSelect={() => props.onSelect(item.href)}
        >
          <span className="text-muted">{props.children}</span>
          <span className="min-w-0 flex-1">
            <span className="block truncate">
              <bdi>{visibleSentence(item.label)}</bdi>
            </span>
            {item.hint ? (
              // The end of a scope says more than its beginning.
              <span
                className={`block truncate text-xs text-muted ${item.hint.startsWith("/") ? "text-left [direction:rtl]" : ""}`}
                title={visibleSentence(item.hint)}
              >
                <bdi dir="ltr">{visibleSentence(item.hint)}</bdi>
              </span>
            ) : null}
          </span>
        </Command.Item>
      ))}
    </Command.Group>
  );
}
