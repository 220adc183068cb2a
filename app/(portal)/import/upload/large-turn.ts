import type { UploadRefusal } from "@/lib/identity/attempts/refused-uploads";

/** Why what was sent was not read at all. */
export interface NotRead {
  readonly ok: false;
  readonly status: number;
  readonly reason: UploadRefusal;
  readonly message: string;
}

export const busy: NotRead = {
  ...{ ok: false, status: 503, reason: "Busy" },
  message: "Another large file is being read now. Try again in a minute.",
};

export const tooLarge = (message: string): NotRead => ({
  ...{ ok: false, status: 413, reason: "TooLarge", message },
});

/** Whether a large upload is being read: one at once for a process, since the rows of each take memory. */
let reading = false;

/** Does work that reads a large upload. Another that comes meanwhile is refused: if it waited, its body would wait too. */
export async function inLargeTurn<Result>(
  work: () => Promise<Result>,
  whenBusy: () => Promise<Result>,
): Promise<Result> {
  if (reading) return whenBusy();
  reading = true;
  try {
    return await work();
  } finally {
    reading = false;
  }
}
