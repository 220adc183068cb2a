import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { EmptyState, PageHeader, TableRegion } from "@/components/ui/page-parts";
import { type AuditKind, auditKinds } from "@/lib/domain/audit/audit-kinds";
import { application } from "@/lib/platform/application";
import { unannouncedProxy } from "@/lib/platform/front-door";
import { type KeyUse, readKeyUse } from "@/lib/queries/notifications/encryption-keys";
import { workerState } from "@/lib/queries/notifications/worker-state";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";
import { retry } from "./actions";

export const metadata: Metadata = { title: "Background jobs" };

const states = {
  running: ["Running", "badge-success"],
  late: ["Behind", "badge-warning"],
  absent: ["Not running", "badge-danger"],
} as const;

const keyStates: Readonly<Record<KeyUse["state"], readonly [word: string, badge: string]>> = {
  Encrypts: ["In use", ""],
  Needed: ["Still needed", "badge-warning"],
  MayGo: ["Not needed", ""],
  Missing: ["Missing", "badge-danger"],
};

function Figure({
  label,
  value,
  note = null,
}: {
  label: string;
  value: React.ReactNode;
  note?: string | null;
}) {
  return (
    <div className="figure">
      <dt className="text-muted">{label}</dt>
      <dd className="mt-0.5 text-base font-semibold wrap-anywhere tabular-nums">{value}</dd>
      {note === null ? null : <dd className="text-muted">{note}</dd>}
    </div>
  );
}

function seconds(value: number): string {
  return value < 120 ? `${value} s` : `${Math.round(value / 60)} min`;
}

export default async function WorkerPage(props: { searchParams: Promise<Query> }) {
  const query = await props.searchParams;
  const caller = await requireCaller();
  const { configuration, database } = application();
  const state = await workerState(database, caller, oneId(query, "after"));
  if (state === null) notFound();
  const { health, jobs, workers, dead, next, retrying } = state;
  const keys = await readKeyUse(database, configuration.encryptionKeys);
  const [word, badge] = states[health.state];
  const proxy = unannouncedProxy();
  return (
    <>
      <PageHeader
        title="Background jobs"
        description="The worker sends notifications and logs access that has ended. Access ends on time even when no worker runs."
      />
      {proxy === null ? null : (
        <p role="status" className="mb-6 rounded-md bg-warning-tint px-3 py-2 text-warning">
          A request came with the header <code>{proxy.header}</code>, so a proxy seems to be in front of
          Postern, but <code>POSTERN_TRUSTED_PROXIES</code> is not set. Everybody behind it shares one count
          of failed sign-ins, and the log shows the proxy's address. Set it to the number of proxies, or to 0
          if there is none. First seen <Moment value={proxy.since} />.
        </p>
      )}
      <dl className="figures mb-8">
        <Figure label="State" value={<span className={`badge ${badge}`}>{word}</span>} />
        <Figure
          label="Waiting to be delivered"
          value={health.waiting === 0 ? "0" : `${health.waiting}, for ${seconds(health.waitingSeconds)}`}
          note={retrying === 0 ? null : `${retrying} failed so far`}
        />
        <Figure
          label="Failing jobs"
          value={
            health.failingJobs === 0 ? "0" : <span className="badge badge-danger">{health.failingJobs}</span>
          }
        />
        <Figure
          label="Mail"
          value={configuration.mail === null ? "Not configured" : configuration.mail.from}
        />
      </dl>
      <h2 className="mb-2">Failed deliveries</h2>
      {dead.length === 0 ? (
        <EmptyState title="No failed deliveries">
          Notifications and mail that failed after several attempts are listed here. You can try them again.
        </EmptyState>
      ) : (
        <>
          <TableFrame
            label="Failed deliveries"
            head={["Given up", "What", "To", "Attempts", "Why", "Action"]}
            total={{
              count: health.deadLetters,
              most: health.deadLetters,
              one: "delivery",
              many: "deliveries",
            }}
            pages={pageLinks({
              query,
              cursor: "after",
              address: (cursor) => (cursor ? `/worker?after=${cursor}` : "/worker"),
              next,
            })}
          >
            {dead.map((letter) => (
              <tr key={letter.id}>
                <td>
                  <Moment value={letter.deadAt} />
                </td>
                <td>
                  {letter.channel === "Mail"
                    ? letter.subject
                    : (auditKinds[letter.subject as AuditKind] ?? letter.subject)}
                </td>
                <td className="wrap-anywhere">{letter.recipient}</td>
                <td>{letter.attempts}</td>
                <td className="max-w-96 wrap-anywhere">{letter.error ?? "–"}</td>
                <td>
                  <form action={retry}>
                    <input type="hidden" name="id" value={letter.id} />
                    <button type="submit" className="button" aria-label={`Try again: ${letter.subject}`}>
                      Try again
                    </button>
                  </form>
                </td>
              </tr>
            ))}
          </TableFrame>
          <form action={retry} className="mt-3">
            <button type="submit" className="button">
              Try all {health.deadLetters} again
            </button>
          </form>
        </>
      )}
      <h2 className="mt-8 mb-2">Jobs</h2>
      {jobs.length === 0 ? (
        <EmptyState title="No jobs yet">The worker lists its jobs here when it first starts.</EmptyState>
      ) : (
        <TableRegion
          label="Jobs"
          head={["Job", "Every", "Last success", "Items handled", "Last failure", "Why"]}
        >
          {jobs.map((job) => (
            <tr key={job.name}>
              <td>{job.title}</td>
              <td className="whitespace-nowrap">
                {job.everyMinutes === 60 ? "1 h" : `${job.everyMinutes} min`}
              </td>
              <td>{job.lastSucceededAt ? <Moment value={job.lastSucceededAt} /> : "Never"}</td>
              <td className="tabular-nums">{job.lastCount ?? "–"}</td>
              <td>
                {job.lastFailedAt ? <Moment value={job.lastFailedAt} /> : "–"}
                {job.failuresInRow > 0 ? (
                  <span className="badge badge-danger ml-2">{job.failuresInRow} in a row</span>
                ) : null}
              </td>
              <td className={`max-w-96 wrap-anywhere ${job.lastError ? "" : "cell-none"}`}>
                {job.lastError ?? "–"}
              </td>
            </tr>
          ))}
        </TableRegion>
      )}
      <h2 className="mt-8 mb-1">Encryption keys</h2>
      <p className="mb-2 text-muted">They encrypt the secrets of authenticator apps.</p>
      <TableRegion label="Encryption keys" head={["Key", "State", "Apps encrypted", "What it means"]}>
        {keys.map(({ id, state, secrets, use }) => (
          <tr key={id}>
            <td>
              <code className="wrap-anywhere">{id}</code>
            </td>
            <td className="whitespace-nowrap">
              <span className={`badge ${keyStates[state][1]}`}>{keyStates[state][0]}</span>
            </td>
            <td className="tabular-nums">{secrets}</td>
            <td>{use}</td>
          </tr>
        ))}
      </TableRegion>
      <h2 className="mt-8 mb-2">Processes</h2>
      {workers.length === 0 ? (
        <EmptyState title="No worker has run yet">
          Each process that runs the jobs is listed here, with when it was last seen.
        </EmptyState>
      ) : (
        <TableRegion label="Processes" head={["Machine", "Started", "Last seen", "Stopped"]}>
          {workers.map((worker) => (
            <tr key={worker.id}>
              <td>{worker.host}</td>
              <td>
                <Moment value={worker.startedAt} />
              </td>
              <td>
                <Moment value={worker.seenAt} />
              </td>
              <td>{worker.stoppedAt ? <Moment value={worker.stoppedAt} /> : "–"}</td>
            </tr>
          ))}
        </TableRegion>
      )}
    </>
  );
}
