"use client";

import { createContext, useContext } from "react";

const Zone = createContext("UTC");

/** Names the reader's zone to the days below it, so that the server and the browser write the same ones. */
export function ReaderDays({
  zone,
  children,
}: {
  readonly zone: string;
  readonly children: React.ReactNode;
}) {
  return <Zone value={zone}>{children}</Zone>;
}

/** The reader's day of a moment (ISO 8601, UTC), with the exact UTC time on hover. */
export function ReaderDay({ of }: { readonly of: string }) {
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    timeZone: useContext(Zone),
  });
  return (
    <time dateTime={of} title={`${of.replace("T", " ").slice(0, 19)} UTC`}>
      {format.format(new Date(of))}
    </time>
  );
}
