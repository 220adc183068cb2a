import { Moment } from "@/components/ui/moment";
import { Sentence } from "@/components/ui/name";
import { Row, Rows } from "@/components/ui/section";
import { driftKinds } from "@/lib/domain/directories/directory";
import type { ShownDrift } from "@/lib/queries/directories/directories";

/** Unapplied requests of a directory, each with the reason and what to do. `action` is beside a row. */
export function DriftList(props: {
  drift: readonly ShownDrift[];
  label: string;
  action: (drift: ShownDrift) => React.ReactNode;
}) {
  return (
    <Rows label={props.label}>
      {props.drift.map((each) => (
        <Row key={`${each.kind} ${each.subject}`} end={props.action(each)}>
          <p className="font-medium">
            <Sentence of={each.says} />
          </p>
          <p>
            <Sentence of={each.reason} />
          </p>
          <p className="text-muted">
            {driftKinds[each.kind]} Last asked <Moment value={each.lastAt} />
            {each.times > 1 ? `, ${each.times} times in all` : ""}.
          </p>
        </Row>
      ))}
    </Rows>
  );
}
