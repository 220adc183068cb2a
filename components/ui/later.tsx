"use client";

import { type ComponentType, lazy, useState } from "react";

interface Held<Props> {
  there: ComponentType<Props> | null;
  readonly coming: ComponentType<Props>;
}

/** What is loaded when it is first rendered stays as long as it is rendered, so that it keeps its state. */
function Drawn<Props extends object>({ held, props }: { held: Held<Props>; props: Props }) {
  const [Part] = useState<ComponentType<Props>>(() => held.there ?? held.coming);
  return <Part {...props} />;
}

/**
 * A component whose code is not part of the page's first scripts. It is loaded when it is rendered, or earlier by
 * `comeNear`, and is then rendered at once. It must be rendered within `Suspense`, such as that of a `Dialog`.
 */
export function later<Props extends object>(get: () => Promise<ComponentType<Props>>) {
  const load = async () => {
    const part = await get();
    held.there = part;
    return { default: part };
  };
  const held: Held<Props> = { there: null, coming: lazy(load) };
  // If loading ahead fails, it is requested again when it is rendered.
  const comeNear = () => {
    load().catch(() => undefined);
  };
  return Object.assign((props: Props) => <Drawn held={held} props={props} />, { comeNear });
}
