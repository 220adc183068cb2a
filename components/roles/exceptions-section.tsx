import { ApproveException, EndException } from "@/components/roles/decide-exception";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { Row, Rows, Section } from "@/components/ui/section";
import { principalText } from "@/lib/domain/people/principal-identity";
import type { ExceptionState } from "@/lib/domain/roles/conflict-exception";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { ConflictExceptionView, ExceptionsOfRule } from "@/lib/queries/roles/conflict-exceptions";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

interface Decisions {
  readonly hasFactor: boolean;
  readonly returnPath: string;
  readonly times: ReaderTimes;
  readonly approve: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly end: (form: FormData) => Promise<FormOutcome>;
}

const looks: Readonly<Record<ExceptionState, readonly [words: string, badge: string, icon: IconName]>> = {
  Waiting: ["Waiting for a second administrator", "badge-warning", "hourglass"],
  Approved: ["In force", "badge-success", "circle-check"],
  Denied: ["Denied", "badge-danger", "circle-x"],
  Withdrawn: ["Withdrawn", "", "undo-2"],
  Revoked: ["Revoked", "", "ban"],
  Expired: ["Ended", "", "timer-off"],
};

/** The exceptions of a conflict rule: those that wait, those in force and the last that ended. */
export function ExceptionsSection(props: {
  readonly exceptions: ExceptionsOfRule;
  /** The form for a new one; null for readers who may not request one. */
  readonly newHref: string | null;
  readonly decisions: Decisions;
}) {
  const { exceptions, newHref, decisions } = props;
  const open = [...exceptions.waiting, ...exceptions.inForce];
  const rows = (some: readonly ConflictExceptionView[]) =>
    some.map((each) => <ExceptionRow key={each.id} of={each} decisions={decisions} />);
  return (
    <Section
      id="exceptions"
      title="Exceptions"
      aside={
        newHref ? (
          <a className="button" href={newHref}>
            Request exception
          </a>
        ) : null
      }
    >
      {open.length === 0 ? (
        <p className="text-muted">
          Nobody has an exception. One administrator requests it, another approves it, and it always has an
          end.
        </p>
      ) : (
        <Rows label="Exceptions">{rows(open)}</Rows>
      )}
      {exceptions.ended.length > 0 ? (
        <div className="mt-4">
          <h3 className="mb-2">Ended</h3>
          <Rows label="Exceptions that ended">{rows(exceptions.ended)}</Rows>
        </div>
      ) : null}
    </Section>
  );
}

function ExceptionRow({ of, decisions }: { of: ConflictExceptionView; decisions: Decisions }) {
  const [words, badge, icon] = looks[of.state];
  const name = principalText(of.principal);
  const { hasFactor, returnPath, times, approve, prepare, end } = decisions;
  const button = (how: "Deny" | "Withdraw" | "Revoke") => (
    <EndException how={how} exceptionId={of.id} name={name} submit={end} />
  );
  return (
    <Row
      end={
        of.mayDecide || of.mayWithdraw || of.mayRevoke ? (
          <>
            {of.mayDecide ? (
              <ApproveException
                exceptionId={of.id}
                name={name}
                until={formatIn(times).moment(of.endsAt)}
                hasFactor={hasFactor}
                returnPath={returnPath}
                submit={approve}
                prepare={prepare}
              />
            ) : null}
            {of.mayDecide ? button("Deny") : null}
            {of.mayWithdraw ? button("Withdraw") : null}
            {of.mayRevoke ? button("Revoke") : null}
          </>
        ) : null
      }
    >
      <div className="flex flex-wrap items-baseline gap-x-2.5 gap-y-1">
        <strong>
          <PrincipalWithFormer of={of.principal} inline href={`/people/${of.principal.id}`} />
        </strong>
        <span className={`badge ${badge}`.trim()}>
          <Icon name={icon} size={13} />
          {words}
        </span>
        <span className="text-muted">
          until <Moment value={of.endsAt} />
        </span>
      </div>
      <p className="mt-0.5">
        <LongText of={of.justification} />
      </p>
      <Story what="Requested" by={of.askedBy} at={of.askedAt} why={null} />
      {of.decidedBy && of.decidedAt ? (
        <Story
          what={of.state === "Denied" ? "Denied" : "Approved"}
          by={of.decidedBy}
          at={of.decidedAt}
          why={of.decisionReason}
        />
      ) : null}
      {of.endedBy && of.endedAt ? (
        <Story
          what={of.state === "Withdrawn" ? "Withdrawn" : "Revoked"}
          by={of.endedBy}
          at={of.endedAt}
          why={of.endReason}
        />
      ) : null}
    </Row>
  );
}

/** Who decided on it or ended it, when and why. */
function Story(props: {
  readonly what: string;
  readonly by: ConflictExceptionView["askedBy"];
  readonly at: Date;
  readonly why: string | null;
}) {
  return (
    <p className="text-muted">
      {props.what} by <PrincipalName of={props.by} inline />
      {", "}
      <Moment value={props.at} />
      {props.why === null ? null : (
        <>
          : <LongText of={props.why} />
        </>
      )}
    </p>
  );
}
