/** The body of a request, as far as it was read. */
export type Body =
  | { readonly state: "Whole"; readonly chunks: readonly Uint8Array[] }
  /** There is more than the limit, which must still be read. */
  | { readonly state: "Longer"; readonly chunks: readonly Uint8Array[]; readonly rest: Rest }
  /** The sender closed the connection, or sent less than was announced. */
  | { readonly state: "CutOff" };

export type Rest = ReadableStreamDefaultReader<Uint8Array>;

/** Reads the body, up to the limit and one piece more. */
export async function readBody(request: Request, most: number): Promise<Body> {
  const rest = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let received = 0;
  while (rest && received <= most) {
    const chunk = await nextOf(rest);
    if (chunk === "CutOff") return { state: "CutOff" };
    if (chunk === "End") break;
    received += chunk.byteLength;
    chunks.push(chunk);
  }
  if (rest && received > most) return { state: "Longer", chunks, rest };
  return isCutOff(request, received) ? { state: "CutOff" } : { state: "Whole", chunks };
}

/** The next piece of the body. */
export async function nextOf(rest: Rest): Promise<Uint8Array | "End" | "CutOff"> {
  try {
    return (await rest.read()).value ?? "End";
  } catch {
    return "CutOff";
  }
}

/**
 * Reads the rest and discards it. A sender reads no answer before they have sent everything, and would be cut
 * off otherwise. The front door limits the length of the body and its time.
 */
export async function discard(rest: Rest): Promise<void> {
  for (;;) if (typeof (await nextOf(rest)) === "string") return;
}

/** Whether less arrived than was announced. */
export function isCutOff(request: Request, received: number): boolean {
  const announced = request.headers.get("content-length");
  return announced !== null && Number(announced) !== received;
}

/** A body that was begun to be read. */
export type Begun = Exclude<Body, { readonly state: "CutOff" }>;

/**
 * Gives each piece of the body to `take` while it wants more. Returns how many bytes there were; null if it was cut
 * off.
 */
export async function eachPiece(
  request: Request,
  body: Begun,
  take: (chunk: Uint8Array) => boolean | Promise<boolean>,
): Promise<number | null> {
  const begun = [...body.chunks];
  const rest: Rest | null = body.state === "Longer" ? body.rest : null;
  let received = 0;
  for (;;) {
    const chunk = begun.shift() ?? (rest ? await nextOf(rest) : "End");
    if (chunk === "CutOff") return null;
    if (chunk === "End") return isCutOff(request, received) ? null : received;
    received += chunk.byteLength;
    if (await take(chunk)) continue;
    if (rest) await discard(rest);
    return received;
  }
}
