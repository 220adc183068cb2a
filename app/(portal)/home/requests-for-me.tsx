import { DecideExtension } from "@/components/assignments/decide-extension";
import { toDecide } from "@/components/assignments/request-table";
import { DecisionButtons, Decisions } from "@/components/requests/decisions";
import { ExtensionLine, RequestLine, selectableOf } from "@/components/requests/request-line";
import { Row, Rows } from "@/components/ui/section";
import type { ExtensionRequest } from "@/lib/queries/assignments/extension-requests";
import type { RequestToDecide } from "@/lib/queries/requests/approvals";
import { readerTimes } from "@/lib/web/reader-zone";
import { decide, prepareDecision } from "../approvals/actions";
import {
  decide as decideExtension,
  prepareDecision as prepareExtension,
} from "../resources/[resourceId]/assignments/requests/actions";

/** The requests that wait for the reader, as many as Home shows, and how many there are. */
export interface ForMe {
  readonly list: string;
  readonly activations: readonly RequestToDecide[];
  readonly extensions: readonly ExtensionRequest[];
  readonly more: boolean;
}

/** Requests to decide, with **Approve** and **Deny** in place. */
export async function RequestsForMe({ forMe, hasFactor }: { forMe: ForMe; hasFactor: boolean }) {
  const { activations, extensions } = forMe;
  if (activations.length === 0 && extensions.length === 0) return null;
  const times = await readerTimes();
  return (
    <>
      <h3 className="mt-1 font-medium text-muted">Requests waiting for me</h3>
      <Decisions list={forMe.list} hasFactor={hasFactor} decide={decide} prepare={prepareDecision}>
        <Rows label="Requests waiting for me">
          {activations.map((row) => (
            <Row key={row.id} end={<DecisionButtons request={selectableOf(row, times)} />}>
              <RequestLine of={row} />
            </Row>
          ))}
          {extensions.map((row) => (
            <Row
              key={row.id}
              end={
                <DecideExtension
                  request={toDecide(row)}
                  hasFactor={hasFactor}
                  submit={decideExtension}
                  prepare={prepareExtension}
                  returnPath="/"
                />
              }
            >
              <ExtensionLine of={row} />
            </Row>
          ))}
        </Rows>
      </Decisions>
      {forMe.more ? (
        <p>
          <a href="/approvals" className="tap">
            See all requests to approve
          </a>
        </p>
      ) : null}
    </>
  );
}
