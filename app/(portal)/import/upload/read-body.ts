/** The body of a request, as far as it was read. */
export type Body =
  | { readonly state: "Whole"; readonly chunks: readonly Uint8Array[] }
  /** There is more than asked for, which is still to be read. */
  | { readonly state: "Longer"; readonly chunks: readonly Uint8Array[]; readonly rest: Rest }
  /** Its sender went away, or sent less than was announced. */
  | { readonly state: "CutOff" };

export type Rest = ReadableStreamDefaultReader<Uint8Array>;

/** Reads the body, at most so much and one piece more of it. */
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
 * Reads the rest and keeps nothing of it. Whoever sends a body reads no answer before they have sent it all, and would be cut
 * off if it were left: the front door limits how long it is and how long it takes.
 */
export async function discard(rest: Rest): Promise<void> {
  for (;;) if (typeof (await nextOf(rest)) === "string") return;
}

/** Whether less arrived than was announced. */
export function isCutOff(request: Request, received: number): boolean {
  const announced = request.headers.get("content-length");
  return announced !== null && Number(announced) !== received;
}
