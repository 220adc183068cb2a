"use client";

import { usePathname } from "next/navigation";
import { createContext, use } from "react";
import { FaultPage } from "@/components/ui/fault-page";
import { NotFoundPage } from "@/components/ui/not-found-page";

/** The end of every page: the zone of its times. */
const End = createContext<React.ReactNode>(null);

/**
 * Whether an address belongs to a page inside a resource, which has a pane and content of its own. The list of
 * retired resources does not.
 */
export function insideResource(path: string): boolean {
  return /^\/resources\/(?!retired(?:\/|$))[^/]/.test(path);
}

/** The pane and the content. Inside a resource, `children` is the resource's pane with its content. */
export function Frame(props: { pane: React.ReactNode; zone: React.ReactNode; children: React.ReactNode }) {
  const inside = insideResource(usePathname());
  return (
    <End value={props.zone}>
      <div className={inside ? "frame frame-resource" : "frame"}>
        {props.pane}
        {inside ? props.children : <Content>{props.children}</Content>}
      </div>
    </End>
  );
}

/** The content of a page, where the skip link leads. */
export function Content({ children }: { children: React.ReactNode }) {
  return (
    <main id="main" tabIndex={-1} className="content">
      <noscript>
        <p className="banner mb-5">
          Without JavaScript you can only read and search. Turn it on to activate, decide or change anything.
        </p>
      </noscript>
      {children}
      {use(End)}
    </main>
  );
}

/** Shown instead of a whole resource, pane and content: that it was not found, or a fault. */
export function InPlaceOfResource({ children }: { children: React.ReactNode }) {
  return insideResource(usePathname()) ? <Content>{children}</Content> : children;
}

/**
 * What is shown instead of a page that failed or was not found. It is part of the frame's file, since otherwise every
 * page loads a copy of it for each of its boundaries.
 */
export function FaultInFrame(fault: React.ComponentProps<typeof FaultPage>) {
  return (
    <InPlaceOfResource>
      <FaultPage {...fault} />
    </InPlaceOfResource>
  );
}

export function NotFoundInFrame() {
  return (
    <InPlaceOfResource>
      <NotFoundPage>
        <a className="button" href="/resources">
          Browse resources
        </a>
      </NotFoundPage>
    </InPlaceOfResource>
  );
}
