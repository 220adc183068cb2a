"use client";

import { type ComponentType, lazy, useState } from "react";

interface Held<Props> {
  there: ComponentType<Props> | null;
  readonly coming: ComponentType<Props>;
}

/** What has come by the first drawing stays for as long as it is drawn, so that it keeps its state. */
function Drawn<Props extends object>({ held, props }: { held: Held<Props>; props: Props }) {
  const [Part] = useState<ComponentType<Props>>(() => held.there ?? held.coming);
  return <Part {...props} />;
}

/**
 * A component whose code is no part of the page's first scripts. It comes when it is drawn, or before that by
 * `comeNear`, and is then drawn at once. Drawn within `Suspense`, such as that of a `Dialog`.
 */
export function later<Props extends object>(get: () => Promise<ComponentType<Props>>) {
  const load = async () => {
    const part = await get();
    held.there = part;
    return { default: part };
  };
  const held: Held<Props> = { there: null, coming: lazy(load) };
  // What does not come ahead is asked for again when it is drawn.
  const comeNear = () => {
    load().catch(() => undefined);
  };
  return Object.assign((props: Props) => <Drawn held={held} props={props} />, { comeNear });
}
