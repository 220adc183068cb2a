import { format } from "node:util";
import pino from "pino";
import { faultText, holdLog, type Log, type LogLevel, logLevels, withoutPeople } from "@/lib/platform/log";
import { logContext } from "@/lib/platform/log-context";

const settings = [...logLevels, "silent"] as const;

/** The level of POSTERN_LOG_LEVEL. Throws one line if it is not a level. */
export function logLevelOf(text: string | undefined): LogLevel | "silent" | null {
  if (!text) return null;
  const level = settings.find((each) => each === text);
  if (level === undefined)
    throw new Error(`POSTERN_LOG_LEVEL is ${text}: set it to debug, info, warn, error or silent.`);
  return level;
}

/** The fields that the lines of one request, or of one run of a job, have in common. */
function contextFields(): object {
  const context = logContext();
  if (context === undefined) return {};
  const { requestId, runId, traceId, userId, correlationId } = context;
  return {
    requestId,
    runId,
    traceId,
    userId,
    ...(correlationId === (requestId ?? runId) ? {} : { correlationId }),
  };
}

type Line = Readonly<Record<string, unknown>>;

/** A line for a person at a terminal. It contains no terminal commands. */
function plainLine({ time, level, msg, process: of, ...fields }: Line): string {
  const said = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return [String(time).slice(11, 19), level, of, msg, ...said]
    .join(" ")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}

/**
 * Opens the log of this process on its standard output: lines of JSON or, at a terminal, plain lines. A
 * terminal shows only warnings and errors unless a level is set.
 */
export function openLog({
  process: name,
  level,
  output = process.stdout,
}: {
  readonly process: "start" | "server" | `server-${string}` | "worker";
  readonly level: ReturnType<typeof logLevelOf>;
  readonly output?: Pick<NodeJS.WriteStream, "write"> & { readonly isTTY?: boolean };
}): Log {
  const terminal = output.isTTY === true;
  const write = (line: string) => output.write(terminal ? `${plainLine(JSON.parse(line))}\n` : line);
  const lines = pino(
    {
      level: level ?? (terminal ? "warn" : "info"),
      base: { process: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: contextFields,
    },
    { write },
  );
  const at =
    (each: LogLevel): Log[LogLevel] =>
    (message, fields = {}) =>
      lines[each](fields, withoutPeople(message));
  const opened: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  holdLog(opened);
  return opened;
}

/** A full disk or a closed pipe of the log must not block anything. */
export function ignoreOutputFaults(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

/** Turns console output of others, such as errors of Next.js, into lines of the log. */
export function takeConsole({ info, warn, error }: Log): void {
  const loggable = (part: unknown) => {
    if (!(part instanceof Error)) return part;
    const calls = part.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
    return [`${part.name}: ${faultText(part)}`, ...calls].join("\n");
  };
  const text = (parts: readonly unknown[]) => format(...parts.map(loggable)).trim();
  console.log = (...parts) => info(text(parts));
  console.info = console.log;
  console.warn = (...parts) => warn(text(parts));
  console.error = (...parts) => error(text(parts));
}
